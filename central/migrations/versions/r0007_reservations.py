"""Reservations, their waiting list, and what points and people must still be told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _text_or_none(name: str) -> sa.Column[str | None]:
    return sa.Column(name, sa.Text, nullable=True)


def _whole(name: str, default: int | None = None) -> sa.Column[int]:
    given = None if default is None else sa.text(str(default))
    return sa.Column(name, _WHOLE, nullable=False, server_default=given)


def _whole_or_none(name: str) -> sa.Column[int | None]:
    return sa.Column(name, _WHOLE, nullable=True)


def _number() -> sa.Column[int]:
    return sa.Column("id", _WHOLE, autoincrement=True, nullable=False)


def _reservation() -> None:
    states = "'offered', 'booked', 'used', 'done', 'cancelled', 'missed', 'refused', 'lapsed'"
    named = ("number", "point")
    moments = ("begins_at", "ends_at", "arrive_by", "code", "made_at")
    op.create_table(
        "reservation",
        _number(),
        _whole_or_none("member_id"),
        *(_text(name) for name in named),
        _whole("connector"),
        _text("kind"),
        _text("state"),
        *(_text(name) for name in moments),
        _text_or_none("offer_until"),
        _text("told", "no"),
        _text("answer", ""),
        _whole_or_none("transaction_id"),
        _text_or_none("over_at"),
        _text("outcome", ""),
        _whole("fee_minor", 0),
        _whole("compensated_minor", 0),
        _whole("moves", 0),
        sa.PrimaryKeyConstraint("id", name="pk_reservation"),
        sa.CheckConstraint("kind IN ('now', 'ahead')", name="reservation_kind"),
        sa.CheckConstraint(f"state IN ({states})", name="reservation_state"),
        sa.CheckConstraint("told IN ('no', 'unsure', 'yes')", name="reservation_told"),
        sqlite_strict=True,
    )
    op.create_index("reservation_member", "reservation", ["member_id"])
    op.create_index("reservation_open", "reservation", ["state"])
    op.create_index("reservation_transaction", "reservation", ["transaction_id"])


def _wait() -> None:
    op.create_table(
        "reservation_wait",
        _number(),
        _whole_or_none("member_id"),
        *(_text(name) for name in ("number", "site", "letter", "begins_at")),
        _whole("minutes"),
        _text("state"),
        _text("made_at"),
        _whole_or_none("reservation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation_wait"),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'left', 'over')",
            name="reservation_wait_state",
        ),
        sqlite_strict=True,
    )
    op.create_index("reservation_wait_queue", "reservation_wait", ["state", "site"])
    op.create_index("reservation_wait_member", "reservation_wait", ["member_id"])


def _keyed(name: str, *columns: sa.Column[str] | sa.Column[int], key: tuple[str, ...]) -> None:
    primary = sa.PrimaryKeyConstraint(*key, name=f"pk_{name}")
    op.create_table(name, *columns, primary, sqlite_strict=True)


def upgrade() -> None:
    _reservation()
    _wait()
    _keyed(
        "reservation_quarter",
        _text("point"),
        _whole("connector"),
        _text("begins_at"),
        _whole("reservation_id"),
        key=("point", "connector", "begins_at"),
    )
    op.create_index("reservation_quarter_of", "reservation_quarter", ["reservation_id"])
    _keyed(
        "reservation_withdrawal",
        _text("point"),
        _whole("reservation_id"),
        _text("until"),
        key=("point", "reservation_id"),
    )
    _keyed(
        "reservation_calendar",
        _text("point"),
        _whole("connector"),
        _text("entries"),
        key=("point", "connector"),
    )
    op.create_table(
        "reservation_notice",
        _number(),
        _whole("member_id"),
        _whole("reservation_id"),
        *(_text(name) for name in ("kind", "facts", "at")),
        _text_or_none("sent_at"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation_notice"),
        sqlite_strict=True,
    )
    op.create_index("reservation_notice_sent", "reservation_notice", ["sent_at"])
    op.create_index("reservation_notice_member", "reservation_notice", ["member_id"])
    op.create_table(
        "reservation_try",
        _number(),
        _text("point"),
        _text("at"),
        sa.PrimaryKeyConstraint("id", name="pk_reservation_try"),
        sqlite_strict=True,
    )
    op.create_index("reservation_try_point", "reservation_try", ["point", "at"])

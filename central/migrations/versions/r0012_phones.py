"""The charge on its customer's telephone, and what a card recalls."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _text_or_none(name: str) -> sa.Column[str | None]:
    return sa.Column(name, sa.Text, nullable=True)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, _WHOLE, nullable=False)


def _number() -> sa.Column[int]:
    return sa.Column("id", _WHOLE, autoincrement=True, nullable=False)


def _session_page() -> None:
    op.create_table(
        "session_page",
        _text("page"),
        _text("point"),
        *(_whole(name) for name in ("connector", "transaction_id")),
        _text("stage"),
        *(_whole(name) for name in ("cost_minor", "energy_wh", "seconds")),
        sa.Column("most_minor", _WHOLE, nullable=True),
        _text_or_none("idle_fee_at"),
        _whole("has_code"),
        _text("at"),
        sa.PrimaryKeyConstraint("page", name="pk_session_page"),
        sa.CheckConstraint("has_code IN (0, 1)", name="session_page_has_code"),
        sa.UniqueConstraint("transaction_id", name="session_page_transaction_id_once"),
        sqlite_strict=True,
    )
    op.create_index("session_page_idle_fee_at", "session_page", ["idle_fee_at"])


def _messages() -> None:
    op.create_table(
        "session_wish",
        _number(),
        *(_text(name) for name in ("page", "channel", "address", "language", "secret", "at")),
        _text_or_none("ended_at"),
        sa.PrimaryKeyConstraint("id", name="pk_session_wish"),
        sa.CheckConstraint("channel IN ('mail', 'push')", name="session_wish_channel"),
        sa.UniqueConstraint(
            "page", "channel", "address", name="session_wish_page_channel_address_once"
        ),
        sa.UniqueConstraint("secret", name="session_wish_secret_once"),
        sqlite_strict=True,
    )
    op.create_table(
        "session_told",
        _whole("wish_id"),
        _text("word"),
        _text("at"),
        sa.PrimaryKeyConstraint("wish_id", "word", name="pk_session_told"),
        sa.ForeignKeyConstraint(
            ["wish_id"], ["session_wish.id"], name="session_told_wish_id_of_session_wish"
        ),
        sqlite_strict=True,
    )


def upgrade() -> None:
    _session_page()
    _messages()
    op.create_table(
        "full_invoice",
        _number(),
        *(_text(name) for name in ("point", "receipt_number", "nif", "name", "address", "at")),
        _text_or_none("number"),
        sa.PrimaryKeyConstraint("id", name="pk_full_invoice"),
        sa.UniqueConstraint(
            "point", "receipt_number", name="full_invoice_point_receipt_number_once"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "problem",
        _number(),
        _text("point"),
        _whole("connector"),
        _text_or_none("page"),
        *(_text(name) for name in ("words", "contact", "language", "at")),
        sa.PrimaryKeyConstraint("id", name="pk_problem"),
        sqlite_strict=True,
    )
    op.create_table(
        "card_preference",
        _text("number"),
        _text("language"),
        _whole("is_easy"),
        _text("favourite"),
        sa.PrimaryKeyConstraint("number", name="pk_card_preference"),
        sa.CheckConstraint("is_easy IN (0, 1)", name="card_preference_is_easy"),
        sqlite_strict=True,
    )

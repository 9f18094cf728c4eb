"""The schema as five scripts had left it before there were revisions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _text(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _whole(name: str, *parts: Any, default: str | None = None) -> sa.Column[Any]:
    given = None if default is None else sa.text(default)
    return sa.Column(name, _WHOLE, *parts, nullable=False, server_default=given)


def _text_or_none(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=True)


def _whole_or_none(name: str) -> sa.Column[Any]:
    return sa.Column(name, _WHOLE, nullable=True)


def _id(table: str) -> tuple[Any, ...]:
    number = sa.Column("id", _WHOLE, autoincrement=True, nullable=False)
    return number, sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _check(condition: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def upgrade() -> None:
    _cards_and_ledger()
    _charges()
    _vouchers_and_points()
    _notes_and_offers()


def _cards_and_ledger() -> None:
    _table(
        "card",
        _text("number"),
        _text_or_none("uid"),
        _text("state"),
        _text("state_reason"),
        _text("plan_kind"),
        _whole_or_none("wh_left"),
        _whole("charges_since_discount"),
        _whole_or_none("loyalty_every"),
        _whole_or_none("loyalty_percent"),
        _whole("promotion_percent"),
        _whole_or_none("energy_milli_per_kwh"),
        _whole("monthly_fee_minor", default="0"),
        _whole_or_none("monthly_wh"),
        _text("from_date", ""),
        _text("until_date", ""),
        _text("month", ""),
        _key("card", "number"),
        _check("state IN ('active', 'blocked', 'expired')", "card_state"),
        _check("plan_kind IN ('prepaid', 'flatRate')", "card_plan_kind"),
        _check("charges_since_discount >= 0", "card_charges_since_discount"),
    )
    _table(
        "posting",
        *_id("posting"),
        _text("key"),
        _text("at"),
        _text("memo"),
        sa.UniqueConstraint("key", name="posting_key_once"),
    )
    _table(
        "entry",
        _whole("posting_id", sa.ForeignKey("posting.id", name="entry_posting_id_of_posting")),
        _text("account"),
        _whole("amount_minor"),
    )
    op.create_index("entry_account", "entry", ["account"])
    op.create_index("entry_posting", "entry", ["posting_id"])
    _table(
        "answered",
        _text("key"),
        _text("at"),
        _text("request"),
        _text("answer"),
        _key("answered", "key"),
    )


def _charges() -> None:
    started = ("point", "connector", "id_tag", "started_at", "meter_start_wh")
    _table(
        "transaction_",
        *_id("transaction_"),
        _text("point"),
        _whole("connector"),
        _text("id_tag"),
        _text("started_at"),
        _whole("meter_start_wh"),
        _text("status"),
        _text_or_none("terms"),
        _whole("meter_wh"),
        _whole_or_none("power_w"),
        _text_or_none("stopped_at"),
        _text_or_none("stop_reason"),
        _whole("hold_minor", default="0"),
        _whole("hold_open", default="0"),
        _text_or_none("receipt_number"),
        _whole_or_none("total_minor"),
        sa.UniqueConstraint(*started, name="transaction_start"),
        _check("hold_open IN (0, 1)", "transaction__hold_open"),
    )
    is_open = sa.text("hold_open = 1")
    op.create_index(
        "transaction_tag",
        "transaction_",
        ["id_tag"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    _table(
        "receipt",
        _text("point"),
        _text("number"),
        _text("at"),
        _whole_or_none("transaction_id"),
        _text("id_tag"),
        _text("means"),
        _whole("total_minor"),
        _whole("energy_wh"),
        _text("document"),
        _text_or_none("page"),
        _key("receipt", "point", "number"),
    )
    has_page = sa.text("page IS NOT NULL")
    op.create_index(
        "receipt_page",
        "receipt",
        ["page"],
        unique=True,
        sqlite_where=has_page,
        postgresql_where=has_page,
    )
    _table(
        "refund",
        _text("point"),
        _text("reference"),
        _text("receipt_number"),
        _text("at"),
        _whole("amount_minor"),
        _text("document"),
        _key("refund", "point", "reference"),
        _check("amount_minor > 0", "refund_amount_minor"),
    )
    op.create_index("refund_receipt", "refund", ["point", "receipt_number"])


def _vouchers_and_points() -> None:
    _table(
        "voucher",
        _text("code"),
        _whole("amount_minor"),
        _text("issued_by"),
        _text_or_none("redeemed_by"),
        _text("expires", ""),
        _key("voucher", "code"),
        _check("amount_minor > 0", "voucher_amount_minor"),
    )
    _table(
        "point_lot",
        _text("key"),
        _text("number"),
        _whole("points"),
        _text_or_none("expires_at"),
        _text("against", "granted"),
        _text("at", ""),
        _key("point_lot", "key"),
    )
    op.create_index("point_lot_card", "point_lot", ["number"])


def _notes_and_offers() -> None:
    _table(
        "finding",
        *_id("finding"),
        _text("at"),
        _text("point"),
        _text("code"),
        _text("detail"),
    )
    _table(
        "trail",
        *_id("trail"),
        _text("at"),
        _text("number"),
        _text("actor"),
        _text("event"),
        _text("detail"),
    )
    op.create_index("trail_number", "trail", ["number"])
    _table(
        "promotion",
        _text("name"),
        _text("document"),
        _whole("is_ended", default="0"),
        _key("promotion", "name"),
        _check("is_ended IN (0, 1)", "promotion_is_ended"),
    )
    _table(
        "programme_value",
        _text("name"),
        _whole("value"),
        _key("programme_value", "name"),
        _check("value >= 0", "programme_value_value"),
    )

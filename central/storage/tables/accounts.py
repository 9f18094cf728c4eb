"""Cards, their ledger, and what was charged, paid and given back.

Money is integer minor units. The entries of one posting sum to zero; a balance is a sum, never a
column.
"""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql

from central.storage.tables.columns import (
    is_flag,
    is_not_negative,
    is_one_of,
    is_positive,
    key,
    row_number,
    table,
    text,
    text_or_none,
    whole,
    whole_or_none,
)

CARD = table(
    "card",
    key("number"),
    text_or_none("uid"),
    text("state"),
    text("state_reason"),
    text("plan_kind"),
    whole_or_none("wh_left"),
    whole("charges_since_discount"),
    whole_or_none("loyalty_every"),
    whole_or_none("loyalty_percent"),
    whole("promotion_percent"),
    whole_or_none("energy_milli_per_kwh"),
    whole("monthly_fee_minor", default=0),
    whole_or_none("monthly_wh"),
    text("from_date", default=""),
    text("until_date", default=""),
    text("month", default=""),
    text("expires_on", default=""),
    is_one_of("state", "active", "blocked", "expired"),
    is_one_of("plan_kind", "prepaid", "flatRate"),
    is_not_negative("charges_since_discount"),
)

POSTING = table(
    "posting",
    row_number(),
    text("key"),
    text("at"),
    text("memo"),
    UniqueConstraint("key"),
)

ENTRY = table(
    "entry",
    whole("posting_id", ForeignKey("posting.id")),
    text("account"),
    whole("amount_minor"),
    Index("entry_account", "account"),
    Index("entry_posting", "posting_id"),
)

# The answer given to a message that money hangs on; asked again, the same answer leaves.
ANSWERED = table(
    "answered",
    key("key"),
    text("at"),
    text("request"),
    text("answer"),
)

TRANSACTION = table(
    "transaction_",
    row_number(),
    text("point"),
    whole("connector"),
    text("id_tag"),
    text("started_at"),
    whole("meter_start_wh"),
    text("status"),
    text_or_none("terms"),
    whole("meter_wh"),
    whole_or_none("power_w"),
    text_or_none("stopped_at"),
    text_or_none("stop_reason"),
    whole("hold_minor", default=0),
    whole("hold_open", default=0),
    text_or_none("receipt_number"),
    whole_or_none("total_minor"),
    UniqueConstraint(
        "point", "connector", "id_tag", "started_at", "meter_start_wh", name="transaction_start"
    ),
    is_flag("hold_open"),
)
Index(
    "transaction_tag",
    TRANSACTION.c.id_tag,
    sqlite_where=sql("hold_open = 1"),
    postgresql_where=sql("hold_open = 1"),
)

RECEIPT = table(
    "receipt",
    key("point"),
    key("number"),
    text("at"),
    whole_or_none("transaction_id"),
    text("id_tag"),
    text("means"),
    whole("total_minor"),
    whole("energy_wh"),
    text("document"),
    text_or_none("page"),
)
Index(
    "receipt_page",
    RECEIPT.c.page,
    unique=True,
    sqlite_where=sql("page IS NOT NULL"),
    postgresql_where=sql("page IS NOT NULL"),
)

# Issued here for a receipt of a point; a series counts from 1 without a gap.
INVOICE = table(
    "invoice",
    key("number"),
    text("series"),
    whole("serial"),
    text("at"),
    text("point"),
    text("receipt_number"),
    UniqueConstraint("series", "serial"),
    UniqueConstraint("point", "receipt_number"),
)

REFUND = table(
    "refund",
    key("point"),
    key("reference"),
    text("receipt_number"),
    text("at"),
    whole("amount_minor"),
    text("document"),
    is_positive("amount_minor"),
    Index("refund_receipt", "point", "receipt_number"),
)

VOUCHER = table(
    "voucher",
    key("code"),
    whole("amount_minor"),
    text("issued_by"),
    text_or_none("redeemed_by"),
    text("expires", default=""),
    is_positive("amount_minor"),
)

# What a person has to look at: a sum that does not fit, a stop without a start.
FINDING = table(
    "finding",
    row_number(),
    text("at"),
    text("point"),
    text("code"),
    text("detail"),
)

# Who changed what, and what became of it.
TRAIL = table(
    "trail",
    row_number(),
    text("at"),
    text("number"),
    text("actor"),
    text("event"),
    text("detail"),
    Index("trail_number", "number"),
)

# Points move between a card and what they are given or taken for; lots end, so they can expire.
POINT_LOT = table(
    "point_lot",
    key("key"),
    text("number"),
    whole("points"),
    text_or_none("expires_at"),
    text("against", default="granted"),
    text("at", default=""),
    Index("point_lot_card", "number"),
)

"""Reservations: who has which connector when, who waits for one, and what is still to be told.

`reservation_quarter` is what makes two holders of one hour impossible: its key is the quarter of an
hour of a connector.
"""

from sqlalchemy import Index

from central.storage.tables.columns import (
    is_one_of,
    key,
    row_number,
    table,
    text,
    text_or_none,
    whole,
    whole_key,
    whole_or_none,
)

RESERVATION = table(
    "reservation",
    row_number(),
    whole_or_none("member_id"),
    text("number"),
    text("point"),
    whole("connector"),
    text("kind"),
    text("state"),
    text("begins_at"),
    text("ends_at"),
    text("arrive_by"),
    text("code"),
    text("made_at"),
    text_or_none("offer_until"),
    text("told", default="no"),
    text("answer", default=""),
    whole_or_none("transaction_id"),
    text_or_none("over_at"),
    text("outcome", default=""),
    whole("fee_minor", default=0),
    whole("compensated_minor", default=0),
    whole("moves", default=0),
    is_one_of("kind", "now", "ahead"),
    is_one_of(
        "state", "offered", "booked", "used", "done", "cancelled", "missed", "refused", "lapsed"
    ),
    is_one_of("told", "no", "unsure", "yes"),
    Index("reservation_member", "member_id"),
    Index("reservation_open", "state"),
    Index("reservation_transaction", "transaction_id"),
)

RESERVATION_QUARTER = table(
    "reservation_quarter",
    key("point"),
    whole_key("connector"),
    key("begins_at"),
    whole("reservation_id"),
    Index("reservation_quarter_of", "reservation_id"),
)

RESERVATION_WAIT = table(
    "reservation_wait",
    row_number(),
    whole_or_none("member_id"),
    text("number"),
    text("site"),
    text("letter"),
    text("begins_at"),
    whole("minutes"),
    text("state"),
    text("made_at"),
    whole_or_none("reservation_id"),
    is_one_of("state", "waiting", "offered", "accepted", "left", "over"),
    Index("reservation_wait_queue", "state", "site"),
    Index("reservation_wait_member", "member_id"),
)

# What a point must still forget: it may have been away when its reservation ended.
RESERVATION_WITHDRAWAL = table(
    "reservation_withdrawal",
    key("point"),
    whole_key("reservation_id"),
    text("until"),
)

# The day of a connector as its point last accepted it; JSON.
RESERVATION_CALENDAR = table(
    "reservation_calendar",
    key("point"),
    whole_key("connector"),
    text("entries"),
)

RESERVATION_NOTICE = table(
    "reservation_notice",
    row_number(),
    whole("member_id"),
    whole("reservation_id"),
    text("kind"),
    text("facts"),
    text("at"),
    text_or_none("sent_at"),
    Index("reservation_notice_sent", "sent_at"),
    Index("reservation_notice_member", "member_id"),
)

# Wrong codes of Reservation.Claim, so that a point cannot be used to try them all.
RESERVATION_TRY = table(
    "reservation_try",
    row_number(),
    text("point"),
    text("at"),
    Index("reservation_try_point", "point", "at"),
)

"""The charge on its customer's telephone: its page, messages, invoices, problems; and what a card recalls.

A page is found by its name alone, which nobody can guess; no row says who its customer is, but for
what the customer wrote down.
"""

from sqlalchemy import ForeignKey, Index, UniqueConstraint

from central.storage.tables.columns import (
    is_flag,
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

# What the point told last of a charge (Session.Cost).
SESSION_PAGE = table(
    "session_page",
    key("page"),
    text("point"),
    whole("connector"),
    whole("transaction_id"),
    text("stage"),
    whole("cost_minor"),
    whole("energy_wh"),
    whole("seconds"),
    whole_or_none("most_minor"),
    text_or_none("idle_fee_at"),
    whole("has_code"),
    text("at"),
    is_flag("has_code"),
    UniqueConstraint("transaction_id"),
    Index("session_page_idle_fee_at", "idle_fee_at"),
)

# Who wants messages about a charge. `secret`: of the link that ends them; it can do nothing else.
SESSION_WISH = table(
    "session_wish",
    row_number(),
    text("page"),
    text("channel"),
    text("address"),
    text("language"),
    text("secret"),
    text("at"),
    text_or_none("ended_at"),
    is_one_of("channel", "mail", "push"),
    UniqueConstraint("page", "channel", "address"),
    UniqueConstraint("secret"),
)

# A member's browser that is told of every charge with their card; `address`: RFC 8030, JSON.
MEMBER_BROWSER = table(
    "member_browser",
    row_number(),
    whole("member_id", ForeignKey("member.id")),
    text("address"),
    text("language"),
    text("at"),
    UniqueConstraint("member_id", "address"),
)

# What was sent: each word of a wish once, whichever process is the first.
SESSION_TOLD = table(
    "session_told",
    whole_key("wish_id", ForeignKey("session_wish.id")),
    key("word"),
    text("at"),
)

# An invoice with the customer's tax number. `number` none: the operator writes it.
FULL_INVOICE = table(
    "full_invoice",
    row_number(),
    text("point"),
    text("receipt_number"),
    text("nif"),
    text("name"),
    text("address"),
    text("at"),
    text_or_none("number"),
    UniqueConstraint("point", "receipt_number"),
)

# Told on a page; `page` none: from elsewhere.
PROBLEM = table(
    "problem",
    row_number(),
    text("point"),
    whole("connector"),
    text_or_none("page"),
    text("words"),
    text("contact"),
    text("language"),
    text("at"),
)

# What a card brings to every point. `language` empty: the point's own.
CARD_PREFERENCE = table(
    "card_preference",
    key("number"),
    text("language"),
    whole("is_easy"),
    text("favourite"),
    is_flag("is_easy"),
)

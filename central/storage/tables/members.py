"""Members, their sessions and cards, and what they pay on the web.

Secrets are kept as hashes alone: slow ones of what people choose or read from a letter, a fingerprint
of what nobody can guess. `payment` outlives its member: the law wants the money's way, not the name.
"""

from sqlalchemy import ForeignKey, Index, UniqueConstraint

from central.storage.tables.columns import (
    is_one_of,
    is_positive,
    key,
    row_number,
    table,
    text,
    text_or_none,
    whole,
    whole_key,
    whole_or_none,
)

MEMBER = table(
    "member",
    row_number(),
    text("email"),
    text("name"),
    text("password_hash"),
    text("language"),
    text("joined_at"),
    UniqueConstraint("email"),
)

MEMBER_SESSION = table(
    "member_session",
    key("fingerprint"),
    whole("member_id", ForeignKey("member.id")),
    text("began_at"),
    text("ends_at"),
    Index("member_session_member", "member_id"),
)

# A link in a mail: `document` is what it will do, JSON.
MAIL_TOKEN = table(
    "mail_token",
    key("fingerprint"),
    text("kind"),
    text("email"),
    text("document"),
    text("ends_at"),
    text_or_none("used_at"),
    is_one_of("kind", "join", "reset"),
    Index("mail_token_email", "email"),
)

# The sealed letter that came with a card; its support number is found by its fingerprint.
CARD_LETTER = table(
    "card_letter",
    key("number"),
    text("code_hash"),
    text_or_none("support_fingerprint"),
    text("made_at"),
    text_or_none("used_at"),
    UniqueConstraint("support_fingerprint"),
)

MEMBER_CARD = table(
    "member_card",
    key("number"),
    whole("member_id", ForeignKey("member.id")),
    text("since"),
    Index("member_card_member", "member_id"),
)

SECURITY_QUESTION = table(
    "security_question",
    key("number"),
    whole_key("position"),
    text("question"),
    text("answer_hash"),
)

PAYMENT = table(
    "payment",
    key("reference"),
    whole_or_none("member_id"),
    text("number"),
    whole("amount_minor"),
    text("currency"),
    text("state"),
    text("provider_reference"),
    text("begun_at"),
    text_or_none("settled_at"),
    is_positive("amount_minor"),
    is_one_of("state", "begun", "paid", "held", "refused"),
    Index("payment_number", "number"),
    Index("payment_member", "member_id"),
)

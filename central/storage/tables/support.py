"""Support: its agents, chats, telephone checks, replacement cards, complaints, and who looked at what.

`support_audit` is only ever added to; each row seals the one before, so that a row that was changed
or taken away shows. Nothing here says who a member is once they have left.
"""

from sqlalchemy import ForeignKey, Index, UniqueConstraint

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

SUPPORT_AGENT = table(
    "support_agent",
    row_number(),
    text("login"),
    text("name"),
    text("role"),
    text("password_hash"),
    text("made_at"),
    text_or_none("left_at"),
    UniqueConstraint("login"),
    is_one_of("role", "agent", "operator"),
)

SUPPORT_SESSION = table(
    "support_session",
    key("fingerprint"),
    whole("agent_id", ForeignKey("support_agent.id")),
    text("began_at"),
    text("ends_at"),
    Index("support_session_agent", "agent_id"),
)

# A visitor is a member, or whoever has the secret in a cookie, or an address of the messaging service.
CHAT = table(
    "chat",
    row_number(),
    text_or_none("secret"),
    whole_or_none("member_id"),
    text_or_none("address"),
    text("name"),
    text("language"),
    text("state"),
    whole_or_none("agent_id"),
    text("opened_at"),
    text("last_at"),
    text_or_none("closed_at"),
    whole("from_visitor", default=0),
    whole("seen_by_agent", default=0),
    whole("seen_by_visitor", default=0),
    UniqueConstraint("secret"),
    UniqueConstraint("member_id"),
    UniqueConstraint("address"),
    is_one_of("state", "open", "closed"),
    Index("chat_state", "state", "last_at"),
)

# `word`: a canned answer by its key in the catalogue; then `text` is what it is filled with, if anything.
CHAT_MESSAGE = table(
    "chat_message",
    row_number(),
    whole("chat_id", ForeignKey("chat.id")),
    text("at"),
    text("author"),
    text("name"),
    text("word"),
    text("text"),
    text_or_none("reference"),
    text("delivery"),
    text_or_none("tried_at"),
    UniqueConstraint("reference"),
    is_one_of("author", "visitor", "agent", "system"),
    is_one_of("delivery", "none", "due", "done"),
    Index("chat_message_chat", "chat_id", "id"),
    Index("chat_message_delivery", "delivery"),
)

# By the fingerprint of what was said, whether such a support number exists or not.
PHONE_LOCK = table(
    "phone_lock",
    key("fingerprint"),
    whole("failures"),
    text("last_at"),
    text("until"),
)

# `number` none: no card has this support number; the agent's page shows no difference.
PHONE_CHECK = table(
    "phone_check",
    key("secret"),
    whole("agent_id", ForeignKey("support_agent.id")),
    text("fingerprint"),
    text_or_none("number"),
    text("state"),
    text("begun_at"),
    text("ends_at"),
    is_one_of("state", "asked", "open", "refused", "closed"),
)

REPLACEMENT_ORDER = table(
    "replacement_order",
    key("number"),
    text("state"),
    text("ordered_at"),
    text("ordered_by"),
    text("reason"),
    is_one_of("state", "ordered", "made", "cancelled"),
)

COMPLAINT = table(
    "complaint",
    row_number(),
    text("number"),
    text("secret"),
    whole_or_none("member_id"),
    text("name"),
    text("email"),
    text("address"),
    text("point"),
    text("happened_on"),
    text("facts"),
    text("wish"),
    text("language"),
    text("state"),
    text("made_at"),
    text("due_on"),
    text("answer"),
    text_or_none("answered_at"),
    text("answered_by"),
    UniqueConstraint("number"),
    UniqueConstraint("secret"),
    is_one_of("state", "open", "answered"),
    Index("complaint_state", "state", "due_on"),
)

SUPPORT_AUDIT = table(
    "support_audit",
    row_number(),
    text("at"),
    text("agent"),
    text("action"),
    text("subject"),
    text("outcome"),
    text("reason"),
    text("seal"),
    Index("support_audit_subject", "subject"),
)

# Made once, never shown.
SUPPORT_KEY = table("support_key", key("name"), text("value"))

# For a caller without a code; the point forgets it by itself at `until`.
SUPPORT_HOLD = table(
    "support_hold",
    key("point"),
    whole_key("connector"),
    text("begun_at"),
    text("until"),
    text("agent"),
    text("reason"),
)

"""Support: agents, chats, telephone checks, replacement cards, complaints, the trail of looks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _id() -> sa.Column[Any]:
    return sa.Column("id", _WHOLE, autoincrement=True, nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _text_or_none(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=True)


def _whole(name: str, *parts: Any) -> sa.Column[Any]:
    return sa.Column(name, _WHOLE, *parts, nullable=False)


def _whole_or_none(name: str) -> sa.Column[Any]:
    return sa.Column(name, _WHOLE, nullable=True)


def _counter(name: str) -> sa.Column[Any]:
    return sa.Column(name, _WHOLE, nullable=False, server_default=sa.text("0"))


def _of(table: str, column: str, other: str) -> sa.Column[Any]:
    return _whole(column, sa.ForeignKey(f"{other}.id", name=f"{table}_{column}_of_{other}"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _once(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=f"{table}_{column}_once")


def _one_of(table: str, column: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({words})", name=op.f(f"{table}_{column}"))


def upgrade() -> None:
    _agents()
    _chats()
    _telephone()
    _complaints()


def _agents() -> None:
    name = "support_agent"
    _table(
        name,
        _id(),
        *_texts("login", "name", "role", "password_hash", "made_at"),
        _text_or_none("left_at"),
        _key(name, "id"),
        _once(name, "login"),
        _one_of(name, "role", "'agent', 'operator'"),
    )
    name = "support_session"
    _table(
        name,
        *_texts("fingerprint"),
        _of(name, "agent_id", "support_agent"),
        *_texts("began_at", "ends_at"),
        _key(name, "fingerprint"),
    )
    op.create_index("support_session_agent", name, ["agent_id"])
    name = "support_audit"
    _table(
        name,
        _id(),
        *_texts("at", "agent", "action", "subject", "outcome", "reason", "seal"),
        _key(name, "id"),
    )
    op.create_index("support_audit_subject", name, ["subject"])


def _chats() -> None:
    name = "chat"
    _table(
        name,
        _id(),
        _text_or_none("secret"),
        _whole_or_none("member_id"),
        _text_or_none("address"),
        *_texts("name", "language", "state"),
        _whole_or_none("agent_id"),
        *_texts("opened_at", "last_at"),
        _text_or_none("closed_at"),
        _counter("from_visitor"),
        _counter("seen_by_agent"),
        _counter("seen_by_visitor"),
        _key(name, "id"),
        _once(name, "secret"),
        _once(name, "member_id"),
        _once(name, "address"),
        _one_of(name, "state", "'open', 'closed'"),
    )
    op.create_index("chat_state", name, ["state", "last_at"])
    name = "chat_message"
    _table(
        name,
        _id(),
        _of(name, "chat_id", "chat"),
        *_texts("at", "author", "name", "word", "text"),
        _text_or_none("reference"),
        *_texts("delivery"),
        _text_or_none("tried_at"),
        _key(name, "id"),
        _once(name, "reference"),
        _one_of(name, "author", "'visitor', 'agent', 'system'"),
        _one_of(name, "delivery", "'none', 'due', 'done'"),
    )
    op.create_index("chat_message_chat", name, ["chat_id", "id"])
    op.create_index("chat_message_delivery", name, ["delivery"])


def _telephone() -> None:
    name = "phone_lock"
    _table(
        name,
        *_texts("fingerprint"),
        _whole("failures"),
        *_texts("last_at", "until"),
        _key(name, "fingerprint"),
    )
    name = "phone_check"
    _table(
        name,
        *_texts("secret"),
        _of(name, "agent_id", "support_agent"),
        *_texts("fingerprint"),
        _text_or_none("number"),
        *_texts("state", "begun_at", "ends_at"),
        _key(name, "secret"),
        _one_of(name, "state", "'asked', 'open', 'refused', 'closed'"),
    )
    name = "replacement_order"
    _table(
        name,
        *_texts("number", "state", "ordered_at", "ordered_by", "reason"),
        _key(name, "number"),
        _one_of(name, "state", "'ordered', 'made', 'cancelled'"),
    )


def _complaints() -> None:
    name = "complaint"
    _table(
        name,
        _id(),
        *_texts("number", "secret"),
        _whole_or_none("member_id"),
        *_texts("name", "email", "address", "point", "happened_on", "facts", "wish"),
        *_texts("language", "state", "made_at", "due_on", "answer"),
        _text_or_none("answered_at"),
        *_texts("answered_by"),
        _key(name, "id"),
        _once(name, "number"),
        _once(name, "secret"),
        _one_of(name, "state", "'open', 'answered'"),
    )
    op.create_index("complaint_state", name, ["state", "due_on"])

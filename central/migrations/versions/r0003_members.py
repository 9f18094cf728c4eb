"""Members of the web, their sessions, cards, letters, security questions and payments."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _text_or_none(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=True)


def _member(table: str) -> sa.Column[Any]:
    key = sa.ForeignKey("member.id", name=f"{table}_member_id_of_member")
    return sa.Column("member_id", _WHOLE, key, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _check(condition: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def upgrade() -> None:
    _people()
    _cards()
    _payments()


def _people() -> None:
    _table(
        "member",
        sa.Column("id", _WHOLE, autoincrement=True, nullable=False),
        _text("email"),
        _text("name"),
        _text("password_hash"),
        _text("language"),
        _text("joined_at"),
        _key("member", "id"),
        sa.UniqueConstraint("email", name="member_email_once"),
    )
    _table(
        "member_session",
        _text("fingerprint"),
        _member("member_session"),
        _text("began_at"),
        _text("ends_at"),
        _key("member_session", "fingerprint"),
    )
    op.create_index("member_session_member", "member_session", ["member_id"])
    _table(
        "mail_token",
        _text("fingerprint"),
        _text("kind"),
        _text("email"),
        _text("document"),
        _text("ends_at"),
        _text_or_none("used_at"),
        _key("mail_token", "fingerprint"),
        _check("kind IN ('join', 'reset')", "mail_token_kind"),
    )
    op.create_index("mail_token_email", "mail_token", ["email"])


def _cards() -> None:
    _table(
        "card_letter",
        _text("number"),
        _text("code_hash"),
        _text_or_none("support_fingerprint"),
        _text("made_at"),
        _text_or_none("used_at"),
        _key("card_letter", "number"),
        sa.UniqueConstraint("support_fingerprint", name="card_letter_support_fingerprint_once"),
    )
    _table(
        "member_card",
        _text("number"),
        _member("member_card"),
        _text("since"),
        _key("member_card", "number"),
    )
    op.create_index("member_card_member", "member_card", ["member_id"])
    _table(
        "security_question",
        _text("number"),
        sa.Column("position", _WHOLE, nullable=False),
        _text("question"),
        _text("answer_hash"),
        _key("security_question", "number", "position"),
    )


def _payments() -> None:
    _table(
        "payment",
        _text("reference"),
        sa.Column("member_id", _WHOLE, nullable=True),
        _text("number"),
        sa.Column("amount_minor", _WHOLE, nullable=False),
        _text("currency"),
        _text("state"),
        _text("provider_reference"),
        _text("begun_at"),
        _text_or_none("settled_at"),
        _key("payment", "reference"),
        _check("amount_minor > 0", "payment_amount_minor"),
        _check("state IN ('begun', 'paid', 'held', 'refused')", "payment_state"),
    )
    op.create_index("payment_number", "payment", ["number"])
    op.create_index("payment_member", "payment", ["member_id"])

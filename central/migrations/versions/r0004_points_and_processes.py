"""Passwords of points, and what several server processes tell each other about points."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, key: str, *columns: str) -> None:
    named = [sa.Column(each, sa.Text, nullable=False) for each in columns]
    _create(name, sa.Column(key, sa.Text, nullable=False), *named, key=key)


def _create(name: str, *columns: sa.Column[Any], key: str) -> None:
    primary = sa.PrimaryKeyConstraint(key, name=f"pk_{name}")
    op.create_table(name, *columns, primary, sqlite_strict=True)


def upgrade() -> None:
    _table("point", "id", "password")
    _table("point_state", "point", "process", "document")
    op.create_index("point_state_process", "point_state", ["process"])
    _table("server_process", "id", "started_at")
    texts = ("point", "asked_by", "asked_of", "action", "payload", "at")
    _create(
        "point_order",
        sa.Column("id", _WHOLE, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("answer", sa.Text, nullable=True),
        key="id",
    )
    op.create_index("point_order_asked_of", "point_order", ["asked_of"])

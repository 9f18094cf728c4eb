"""Promotions keep the order in which they were made; SQLite alone numbers its rows by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "promotion", sa.Column("place", _WHOLE, nullable=False, server_default=sa.text("0"))
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE promotion SET place = rowid")

"""Browsers that a member wants told of every charge."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "member_browser",
        sa.Column("id", _WHOLE, autoincrement=True, nullable=False),
        sa.Column("member_id", _WHOLE, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("address", "language", "at")),
        sa.PrimaryKeyConstraint("id", name="pk_member_browser"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="member_browser_member_id_of_member"
        ),
        sa.UniqueConstraint("member_id", "address", name="member_browser_member_id_address_once"),
        sqlite_strict=True,
    )

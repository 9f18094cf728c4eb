"""Bays that the support desk holds for a caller."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "support_hold",
        sa.Column("point", sa.Text, nullable=False),
        sa.Column("connector", _WHOLE, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("begun_at", "until", "agent", "reason")
        ),
        sa.PrimaryKeyConstraint("point", "connector", name="pk_support_hold"),
        sqlite_strict=True,
    )

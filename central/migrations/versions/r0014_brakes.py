"""Tries, counted once for all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "brake",
        sa.Column("name", sa.Text, nullable=False),
        *(sa.Column(name, _WHOLE, nullable=False) for name in ("milli", "at_ms", "forgotten_ms")),
        sa.PrimaryKeyConstraint("name", name="pk_brake"),
        sqlite_strict=True,
    )
    op.create_index("brake_forgotten_ms", "brake", ["forgotten_ms"])

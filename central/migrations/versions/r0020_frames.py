"""The log of messages with points, of all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "frame",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("at", "point", "direction", "text")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_frame"),
        sa.CheckConstraint("direction IN ('in', 'out')", name="frame_direction"),
        sqlite_strict=True,
    )

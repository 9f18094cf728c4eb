"""What the points' local authorization lists shall hold, and since which version."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "list_entry",
        sa.Column("id_tag", sa.Text, nullable=False),
        sa.Column("version", _WHOLE, nullable=False),
        sa.Column("status", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id_tag", name="pk_list_entry"),
        sa.UniqueConstraint("version", name="list_entry_version_once"),
        sqlite_strict=True,
    )

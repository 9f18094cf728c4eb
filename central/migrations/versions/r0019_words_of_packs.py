"""Names and descriptions of packs, by language."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("pack", sa.Column("words", sa.Text, nullable=False, server_default="{}"))

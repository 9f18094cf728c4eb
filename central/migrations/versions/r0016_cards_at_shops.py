"""Where blank cards lie, and sales that were taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("blank_card", sa.Column("shop_id", _WHOLE, nullable=True))
    op.create_index("blank_card_shop", "blank_card", ["shop_id"])
    op.add_column("shop_sale", sa.Column("voided_at", sa.Text, nullable=True))

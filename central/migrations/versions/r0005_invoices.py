"""Invoices issued here for points whose `receipt.mode` is central."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "invoice",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("serial", _WHOLE, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("point", sa.Text, nullable=False),
        sa.Column("receipt_number", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_invoice"),
        sa.UniqueConstraint("series", "serial", name="invoice_series_serial_once"),
        sa.UniqueConstraint("point", "receipt_number", name="invoice_point_receipt_number_once"),
        sqlite_strict=True,
    )

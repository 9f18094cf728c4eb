"""Messages that wait to leave."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    texts = ("channel", "address", "document", "made_at", "due_at", "ends_at")
    op.create_table(
        "outgoing",
        sa.Column("id", _WHOLE, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        *(
            sa.Column(name, _WHOLE, nullable=False, server_default=sa.text("0"))
            for name in ("tries", "refusals")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing"),
        sa.CheckConstraint("channel IN ('mail', 'push')", name="outgoing_channel"),
        sqlite_strict=True,
    )
    op.create_index("outgoing_due", "outgoing", ["channel", "due_at"])
    op.create_index("outgoing_address", "outgoing", ["address"])

"""What Alembic runs around the revisions: on the connection that `central.storage.migrating` gives."""

from alembic import context

from central.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

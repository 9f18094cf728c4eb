"""Revisions of the schema, oldest first; Alembic runs them. See docs/central.md."""

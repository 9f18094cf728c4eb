"""Where everything durable is kept: SQLite by default, PostgreSQL for a network."""

"""SQLite adapter of the journal: one file, one writer, WAL with synchronous=FULL."""

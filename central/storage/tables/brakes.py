"""How often somebody tried, counted once for all processes. Names stand here as fingerprints."""

from sqlalchemy import Index

from central.storage.tables.columns import key, table, whole

BRAKE = table(
    "brake",
    key("name"),
    whole("milli"),
    whole("at_ms"),
    whole("forgotten_ms"),
    Index("brake_forgotten_ms", "forgotten_ms"),
)

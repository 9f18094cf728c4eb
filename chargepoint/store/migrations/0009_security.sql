-- What happened to the station's security; rolls, the oldest go first (store/security_log.py).
CREATE TABLE security_event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    word TEXT NOT NULL,
    info TEXT NOT NULL
) STRICT;

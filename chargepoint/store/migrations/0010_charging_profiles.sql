-- Charging profiles in force, across reboots (OCPP 1.6 errata 3.37).
CREATE TABLE charging_profile (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    installed_at TEXT NOT NULL
) STRICT;

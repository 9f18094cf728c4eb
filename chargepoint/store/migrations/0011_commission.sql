-- Reports of commissioning, signed by the station's key (chargepoint/commission). Never changed.
CREATE TABLE commission_report (
    id INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('passed', 'failed')),
    made_by TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

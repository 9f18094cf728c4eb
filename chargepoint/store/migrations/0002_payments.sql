-- Bank reservations and hopper payouts: both must be found again after a cut.
CREATE TABLE bank_hold (
    reference TEXT PRIMARY KEY,
    receipt_number TEXT NOT NULL,
    trace TEXT NOT NULL,
    terminal_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    masked_pan TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'used', 'capture', 'release', 'done', 'failed')),
    wanted_minor INTEGER NOT NULL,
    captured_minor INTEGER NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE payout (
    reference TEXT NOT NULL,
    serial TEXT NOT NULL,
    mark TEXT NOT NULL,
    coin_minor INTEGER NOT NULL,
    paid INTEGER,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (reference, serial)
) STRICT;

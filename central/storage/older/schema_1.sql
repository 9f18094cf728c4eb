-- Money is integer minor units. `entry` rows of one posting sum to zero; a balance is a sum, never a column.
CREATE TABLE card (
    number TEXT PRIMARY KEY,
    uid TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'expired')),
    state_reason TEXT NOT NULL,
    plan_kind TEXT NOT NULL CHECK (plan_kind IN ('prepaid', 'flatRate')),
    wh_left INTEGER,
    points INTEGER NOT NULL CHECK (points >= 0),
    charges_since_discount INTEGER NOT NULL CHECK (charges_since_discount >= 0),
    loyalty_every INTEGER,
    loyalty_percent INTEGER,
    promotion_percent INTEGER NOT NULL,
    energy_milli_per_kwh INTEGER
) STRICT;

CREATE TABLE posting (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    memo TEXT NOT NULL
) STRICT;

CREATE TABLE entry (
    posting_id INTEGER NOT NULL REFERENCES posting (id),
    account TEXT NOT NULL,
    amount_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_account ON entry (account);
CREATE INDEX entry_posting ON entry (posting_id);

-- The answer given to a message that money hangs on; asked again, the same answer leaves.
CREATE TABLE answered (
    key TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    request TEXT NOT NULL,
    answer TEXT NOT NULL
) STRICT;

CREATE TABLE transaction_ (
    id INTEGER PRIMARY KEY,
    point TEXT NOT NULL,
    connector INTEGER NOT NULL,
    id_tag TEXT NOT NULL,
    started_at TEXT NOT NULL,
    meter_start_wh INTEGER NOT NULL,
    status TEXT NOT NULL,
    terms TEXT,
    meter_wh INTEGER NOT NULL,
    power_w INTEGER,
    stopped_at TEXT,
    stop_reason TEXT,
    hold_minor INTEGER NOT NULL DEFAULT 0,
    hold_open INTEGER NOT NULL DEFAULT 0 CHECK (hold_open IN (0, 1)),
    receipt_number TEXT,
    total_minor INTEGER,
    UNIQUE (point, connector, id_tag, started_at, meter_start_wh)
) STRICT;
CREATE INDEX transaction_tag ON transaction_ (id_tag) WHERE hold_open = 1;

CREATE TABLE receipt (
    point TEXT NOT NULL,
    number TEXT NOT NULL,
    at TEXT NOT NULL,
    transaction_id INTEGER,
    id_tag TEXT NOT NULL,
    means TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    energy_wh INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (point, number)
) STRICT;

CREATE TABLE voucher (
    code TEXT PRIMARY KEY,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    issued_by TEXT NOT NULL,
    redeemed_by TEXT
) STRICT;

-- What a person has to look at: a sum that does not fit, a stop without a start.
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    point TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

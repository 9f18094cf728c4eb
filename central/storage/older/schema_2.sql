-- Receipts that customers open by an unguessable name, and money given back on them.
ALTER TABLE receipt ADD COLUMN page TEXT;
CREATE UNIQUE INDEX receipt_page ON receipt (page) WHERE page IS NOT NULL;

CREATE TABLE refund (
    point TEXT NOT NULL,
    reference TEXT NOT NULL,
    receipt_number TEXT NOT NULL,
    at TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    document TEXT NOT NULL,
    PRIMARY KEY (point, reference)
) STRICT;
CREATE INDEX refund_receipt ON refund (point, receipt_number);

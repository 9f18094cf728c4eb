-- Vouchers of this point: who decides about a code, until when, and whose money it was.
CREATE TABLE voucher (
    code TEXT PRIMARY KEY,
    claim TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    expires TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('issued', 'known', 'refused')),
    issued_at TEXT NOT NULL
) STRICT;
CREATE INDEX voucher_claim ON voucher (claim);
INSERT OR IGNORE INTO voucher
SELECT json_extract(body, '$.payload.code'), '',
       json_extract(body, '$.payload.amount.amount'),
       json_extract(body, '$.payload.expires'),
       CASE state WHEN 'confirmed' THEN 'known' WHEN 'dead' THEN 'refused' ELSE 'issued' END,
       queued_at
FROM outbox WHERE key LIKE 'voucher:%:issue';

-- A voucher is worth money until the end of a day; empty: for ever.
ALTER TABLE voucher ADD COLUMN expires TEXT NOT NULL DEFAULT '';

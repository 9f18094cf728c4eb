-- Coins that an acceptor had kept in all at this event, by its own count; NULL: not read, or no acceptor.
ALTER TABLE device_cursor ADD COLUMN accepted INTEGER;

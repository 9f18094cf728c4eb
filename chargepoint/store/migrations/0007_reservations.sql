-- Reservations in force: one that was used, cancelled or expired is gone.
CREATE TABLE reservation (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;

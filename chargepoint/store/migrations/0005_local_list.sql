-- The operator's list of tokens (OCPP 1.6 §3.5.2): read one by one, replaced as a whole.
CREATE TABLE local_token (
    id_tag TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    expires TEXT,
    parent TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE local_list (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO local_list VALUES (1, 0);

-- Bytes are kept as they came: no column here has a type that could change them.

CREATE TABLE head (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    ledger_id TEXT    NOT NULL,
    epoch     INTEGER NOT NULL CHECK (epoch >= 1),
    version   INTEGER NOT NULL CHECK (version >= 0),
    hash      BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE entry (
    version INTEGER PRIMARY KEY CHECK (version >= 1),
    epoch   INTEGER NOT NULL CHECK (epoch >= 1),
    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
    bytes   BLOB    NOT NULL CHECK (length(bytes) >= 1)
) STRICT;

CREATE TABLE snapshot (
    version INTEGER PRIMARY KEY REFERENCES entry (version),
    digest  BLOB NOT NULL CHECK (length(digest) = 32),
    bytes   BLOB NOT NULL
) STRICT;

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'entry: a ledger only grows');
END;

CREATE TRIGGER entry_remains BEFORE DELETE ON entry
BEGIN
    SELECT RAISE(ABORT, 'entry: a ledger only grows');
END;

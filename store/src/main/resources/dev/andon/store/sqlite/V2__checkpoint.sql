-- Beside the ledger, not in it: nodes sign what it holds, and a ledger without signatures is still one.

CREATE TABLE checkpoint (
    version   INTEGER NOT NULL REFERENCES entry (version),
    node      TEXT    NOT NULL,
    body      TEXT    NOT NULL,
    signature TEXT    NOT NULL,
    PRIMARY KEY (version, node)
) STRICT;

-- Who does what one node alone is to do, by this store's clock.

CREATE TABLE lease (
    name     TEXT    PRIMARY KEY,
    holder   TEXT    NOT NULL,
    token    INTEGER NOT NULL CHECK (token >= 1),
    until_ms INTEGER NOT NULL,
    server   TEXT    NOT NULL
) STRICT;

-- Bytes are kept as they came: no column here has a type that could change them.

CREATE TABLE andon.head (
    only_row  boolean PRIMARY KEY CHECK (only_row),
    ledger_id text    NOT NULL,
    epoch     bigint  NOT NULL CHECK (epoch >= 1),
    version   bigint  NOT NULL CHECK (version >= 0),
    hash      bytea   NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE TABLE andon.entry (
    version bigint PRIMARY KEY CHECK (version >= 1),
    epoch   bigint NOT NULL CHECK (epoch >= 1),
    hash    bytea  NOT NULL CHECK (octet_length(hash) = 32),
    bytes   bytea  NOT NULL CHECK (octet_length(bytes) >= 1)
);

CREATE TABLE andon.snapshot (
    version bigint PRIMARY KEY REFERENCES andon.entry (version),
    digest  bytea NOT NULL CHECK (octet_length(digest) = 32),
    bytes   bytea NOT NULL
);

CREATE FUNCTION andon.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entry: a ledger only grows';
END
$$;

CREATE TRIGGER entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON andon.entry
    FOR EACH STATEMENT EXECUTE FUNCTION andon.refuse_change();

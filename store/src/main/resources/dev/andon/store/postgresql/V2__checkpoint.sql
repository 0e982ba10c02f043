-- Beside the ledger, not in it: nodes sign what it holds, and a ledger without signatures is still one.

CREATE TABLE andon.checkpoint (
    version   bigint NOT NULL REFERENCES andon.entry (version),
    node      text   NOT NULL,
    body      text   NOT NULL,
    signature text   NOT NULL,
    PRIMARY KEY (version, node)
);

-- Who does what one node alone is to do, by this store's clock.

CREATE TABLE andon.lease (
    name     text   PRIMARY KEY,
    holder   text   NOT NULL,
    token    bigint NOT NULL CHECK (token >= 1),
    until_ms bigint NOT NULL,
    server   text   NOT NULL
);

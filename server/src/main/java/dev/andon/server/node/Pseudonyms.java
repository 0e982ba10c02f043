package dev.andon.server.node;

import java.util.stream.Stream;

/**
 * Names for clients that don't say who they are: the same for the same client, after a restart too. What they are made with is the
 * node's secret, so that no address is found out by trying all. Immutable.
 */
public final class Pseudonyms {
    private static final int CHARS = 16;

    private final String salt;

    public Pseudonyms(Seal seal) {
        this.salt = seal.close("names of clients", "");
    }

    /** @param told what tells the client from others */
    public String of(String... told) {
        return Tag.of(Stream.concat(Stream.of(salt), Stream.of(told)).toArray(String[]::new))
                .substring(0, CHARS);
    }
}

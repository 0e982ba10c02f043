package dev.andon.proof.history;

/**
 * An entry of the ledger, as far as it is about an object that clients write.
 *
 * @param name of the operation that it carries out
 * @param value what the object is from here on
 */
record Recorded(long version, String name, String object, String value) {}

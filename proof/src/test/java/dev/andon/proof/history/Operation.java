package dev.andon.proof.history;

/**
 * What one client asked for, and what it was told in the end, however often it had to ask.
 *
 * @param name nobody else's; the entry that carries it out bears it
 * @param object what it is about
 * @param invokedNanos when it was first asked for, by a clock that all clients share
 * @param returnedNanos when the answer was there; of {@link Told.Nothing} it means nothing
 */
record Operation(String name, String object, Asked asked, long invokedNanos, long returnedNanos, Told told) {

    /** What was asked for. */
    sealed interface Asked {
        /** To be this, whatever it was. */
        record Put(String value) implements Asked {}

        /** To be this, if it still is what version {@code version} made it. */
        record PutIf(String value, long version) implements Asked {}

        /** Which version it has. Changes nothing. */
        record Look() implements Asked {}
    }

    /** What the client was told. */
    sealed interface Told {
        /** It is carried out, in the entry of this version. */
        record Written(long version) implements Told {}

        /** It was as asked already, since this version: nothing was written. */
        record AsAsked(long version) implements Told {}

        /** This version is there: it isn't the one that was named, or it is what was looked for. Nothing was written. */
        record Found(long version) implements Told {}

        /** It isn't carried out and never will be. */
        record Unchanged() implements Told {}

        /** No answer, or one that doesn't say. */
        record Nothing() implements Told {}
    }

    /** As it may have taken effect at any time up to the end of the history. */
    boolean open() {
        return told instanceof Told.Nothing;
    }

    /** What it was to be; empty of one that changes nothing. */
    String value() {
        return switch (asked) {
            case Asked.Put put -> put.value();
            case Asked.PutIf put -> put.value();
            case Asked.Look look -> "";
        };
    }
}

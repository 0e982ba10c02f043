package dev.andon.server.rollback;

import java.util.SortedSet;

/** What of an environment is to be taken back. */
sealed interface Scope {

    /**
     * Flags and segments by name.
     *
     * @param withDependencies also the segments and required flags that they read then, however many steps away
     */
    record Named(SortedSet<String> flags, SortedSet<String> segments, boolean withDependencies) implements Scope {}

    /** All that evaluation reads: what came since goes, what went since comes back. */
    record Whole() implements Scope {}
}

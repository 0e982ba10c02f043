package dev.andon.core.image;

import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** A kill that nobody has restored, and the flags that it holds: those it resolved to and those that joined since. */
public record StandingKill(SignedKill signed, SortedSet<String> flags) {
    public StandingKill {
        flags = Collections.unmodifiableSortedSet(new TreeSet<>(flags));
    }

    public KillId id() {
        return signed.id();
    }
}

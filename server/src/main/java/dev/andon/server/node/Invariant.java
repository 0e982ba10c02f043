package dev.andon.server.node;

/** A rule that every image must keep, whatever command leads there. Checked on the tentative image before it is written. */
@FunctionalInterface
public interface Invariant {

    /**
     * @param change what would be written; {@code change.after()} is the image to judge
     * @throws dev.andon.core.json.InvalidInput if the rule is broken by a field of the request
     * @throws Refused if it is broken by what is there
     */
    void check(Committed change, KnownKills kills);
}

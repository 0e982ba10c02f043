package dev.andon.server.receipt;

import dev.andon.server.node.MissingNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** How many members of a receipt are in which state, and what that comes to. Only for the bookkeeper's thread. */
final class Tally {
    private final Map<Member.State, Integer> states = new EnumMap<>(Member.State.class);
    private int sayNoMore;
    private int widened;

    /** How many clients may be there that aren't members, as nobody knows them any more. */
    int unlisted;

    /** Nodes that don't say who their clients are. */
    Set<MissingNode> missingNodes = Set.of();

    /** @param by 1 for one that is there, -1 for one that isn't, or is about to change */
    void count(Member member, int by) {
        states.merge(member.state(), by, Integer::sum);
        sayNoMore += member.saysNoMore() ? by : 0;
        widened += member.widened ? by : 0;
    }

    int of(Member.State state) {
        return states.getOrDefault(state, 0);
    }

    int applied() {
        return of(Member.State.APPLIED) + of(Member.State.RETURNED);
    }

    /** How many were sent it and have no way to say more. */
    int sayNoMore() {
        return sayNoMore;
    }

    int widened() {
        return widened;
    }

    Verdict verdict() {
        int held = applied() + of(Member.State.CONFIRMED);
        int sent = of(Member.State.SENT);
        int open = of(Member.State.SILENT) + of(Member.State.UNREACHABLE) + missingNodes.size();
        if (open > 0) {
            return held + sent > 0 ? Verdict.PARTIAL : Verdict.REQUESTED;
        }
        if (unlisted > 0 && held + sent == 0) {
            return Verdict.REQUESTED;
        }
        if (sent > 0 || unlisted > 0) {
            return Verdict.SENT;
        }
        return held > 0 ? Verdict.PROVEN : Verdict.NOBODY_LIVE;
    }
}

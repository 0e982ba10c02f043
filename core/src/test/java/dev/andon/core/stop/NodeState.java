package dev.andon.core.stop;

import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A node of a {@link StopWorld}: its machine, and what is on its disk and on its way. */
final class NodeState {
    final int index;
    StopMachine machine;
    int incarnation;
    Image image;
    Image saved;
    long nowMs;
    final Map<KillId, SignedKill> journal = new LinkedHashMap<>();
    final List<SignedKill> writes = new ArrayList<>();
    final Set<KillId> sent = new TreeSet<>();
    StopEffect.Append append;

    NodeState(int index) {
        this.index = index;
    }

    NodeState copy() {
        NodeState copy = new NodeState(index);
        copy.machine = machine.copy();
        copy.incarnation = incarnation;
        copy.image = image;
        copy.saved = saved;
        copy.nowMs = nowMs;
        copy.journal.putAll(journal);
        copy.writes.addAll(writes);
        copy.sent.addAll(sent);
        copy.append = append;
        return copy;
    }

    /** Equal texts, equal futures. */
    String fingerprint() {
        StringBuilder text = new StringBuilder(machine.fingerprint());
        text.append('/')
                .append(incarnation)
                .append('/')
                .append(saved.provenance().version())
                .append(journal.keySet());
        writes.forEach(kill -> text.append(kill.id()).append(','));
        text.append(sent);
        return append == null
                ? text.toString()
                : text.append(fingerprint(append)).toString();
    }

    static String fingerprint(StopEffect.Append append) {
        return append.at().version() + "+"
                + append.kills().stream().map(NodeState::fingerprint).toList();
    }

    static String fingerprint(StandingKill kill) {
        return kill.id() + " " + kill.flags();
    }
}

package dev.andon.core.stop;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A client of a {@link StopWorld}, connected to one of its nodes or to none. */
final class ClientState {
    HeldState state = HeldState.EMPTY;
    int node = -1;
    final Set<KillId> obeyed = new TreeSet<>();
    final List<Frame> inbox = new ArrayList<>();

    ClientState copy() {
        ClientState copy = new ClientState();
        copy.state = state;
        copy.node = node;
        copy.obeyed.addAll(obeyed);
        copy.inbox.addAll(inbox);
        return copy;
    }

    /** Equal texts, equal futures. */
    String fingerprint() {
        StringBuilder text = new StringBuilder();
        text.append(node).append(state).append(fingerprint(state.standing())).append(obeyed);
        inbox.forEach(frame -> text.append(fingerprint(frame)));
        return text.toString();
    }

    private static String fingerprint(Frame frame) {
        if (frame instanceof Frame.Kills kills) {
            return "k" + kills.at().version() + fingerprint(kills.kills());
        }
        Frame.Snapshot snapshot = (Frame.Snapshot) frame;
        return "s" + snapshot.provenance().version() + fingerprint(snapshot.pending());
    }

    private static String fingerprint(List<StandingKill> kills) {
        return kills.stream().map(NodeState::fingerprint).toList().toString();
    }
}

package dev.andon.core.stop;

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
}

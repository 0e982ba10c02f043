package dev.andon.core.stream;

import dev.andon.core.model.KillId;
import java.util.List;
import java.util.Set;

/** What a {@link ClientLink} wants done, one after the other, in the order of the list. */
public sealed interface LinkEffect {

    enum Transport {
        WEB_SOCKET,
        LONG_POLL
    }

    /** Open a connection; answer with {@link LinkInput.Opened} or {@link LinkInput.Closed}. */
    record Open(long connection, Transport transport) implements LinkEffect {}

    record Send(long connection, Frame frame) implements LinkEffect {}

    /**
     * Make every evaluation that begins from now on see this state. If that fails, do none of the effects that follow and
     * answer with {@link LinkInput.NotInForce}.
     *
     * @param blind flags that are to serve their safe variants because contact is lost
     * @param changes what differs from the state that was put in force before; empty where only {@code blind} differs
     */
    record PutInForce(HeldState state, Set<String> blind, Changes changes) implements LinkEffect {
        public PutInForce {
            blind = Set.copyOf(blind);
        }
    }

    /** Send a {@link Frame.Ack} with the time that the last {@link PutInForce} took; 0 if there was none in this step. */
    record Ack(long connection, Frame.Held state, List<KillId> pending) implements LinkEffect {}

    /** Keep the state for the next start of the process, in the background; only the newest matters. */
    record Save(HeldState state) implements LinkEffect {}

    record StatusChanged(LinkStatus status) implements LinkEffect {}

    /** Send what was served since the last report, if anything was; keep it if it can't be sent. */
    record Report(long connection) implements LinkEffect {}

    /** Close the connection after what was sent on it; whatever comes from it is of no interest any more. */
    record Disconnect(long connection) implements LinkEffect {}

    /** Tell the operator. Already spaced out: the same thing isn't said again for minutes. */
    record Warn(String text) implements LinkEffect {}
}

package dev.andon.server.ofrep;

import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.ServedState;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Tells of one event stream. Used by its thread. */
final class Listening implements EventStream.Witness {
    private final Clients clients;
    private final ForeignListener.Client client;
    private final String number;
    private final String instead;
    private final LongSupplier nanoTime;
    private ForeignListener.Stream told = ForeignListener.Stream.NONE;

    /** @param instead the number of the client's stream in whose place it comes; of none if there is none such */
    Listening(Clients clients, ForeignListener.Client client, String number, String instead, LongSupplier nanoTime) {
        this.clients = clients;
        this.client = client;
        this.number = number;
        this.instead = instead;
        this.nanoTime = nanoTime;
    }

    @Override
    public void began(EventStream stream) {
        told = clients.opened(client, number, stream);
        clients.supersede(client, instead);
    }

    @Override
    public void sent(ServedState state) {
        told.sent(state.served(), nanoTime.getAsLong());
    }

    @Override
    public void ended(boolean superseded) {
        clients.closed(client, number);
        if (superseded) {
            told.left();
        } else {
            told.lost(Duration.ZERO);
        }
    }
}

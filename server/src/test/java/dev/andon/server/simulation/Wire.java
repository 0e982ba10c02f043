package dev.andon.server.simulation;

import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.ServerEffect;
import dev.andon.core.stream.ServerInput;
import dev.andon.core.stream.ServerLink;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;

/** One connection: the server's end of it, and what is on the way in both directions, in order. */
final class Wire {
    private static final int HEARTBEAT_MS = 5_000;

    final long id;
    final SimClient client;
    final SimNode node;
    final ServerLink server;
    final Deque<Frame> up = new ArrayDeque<>();
    final Deque<byte[]> down = new ArrayDeque<>();

    /** Kills that the server has sent on it. */
    final Set<KillId> sent = new TreeSet<>();

    boolean full;

    /** Whether the server takes the client for one that has applied all. */
    boolean upToDate;

    /** The server has closed it; what is on the way down still arrives. */
    boolean closing;

    Wire(long id, SimClient client, SimNode node) {
        this.id = id;
        this.client = client;
        this.node = node;
        this.server = new ServerLink(
                node.id, World.ENVIRONMENT, HEARTBEAT_MS, node.feeds.offer().orElseThrow(), node.world.nowMs);
    }

    void step(ServerInput input) {
        for (ServerEffect effect : server.step(input, node.world.nowMs)) {
            carryOut(effect);
        }
    }

    private void carryOut(ServerEffect effect) {
        switch (effect) {
            case ServerEffect.Send send -> down.add(FrameCodec.encode(send.frame()));
            case ServerEffect.SendKills send -> {
                send.kills().forEach(kill -> sent.add(kill.id()));
                down.add(node.feeds.killFrame(send.kills()));
            }
            case ServerEffect.SendState send -> {
                byte[] frame = node.feeds.stateFrame(send.from());
                if (node.world.decoded(frame) instanceof Frame.Snapshot snapshot) {
                    snapshot.pending().forEach(kill -> sent.add(kill.id()));
                }
                down.add(frame);
            }
            case ServerEffect.Adopt adopt -> {
                node.world.races.count(Races.Race.KILL_HANDED_UP, adopt.kills().size());
                node.carried(adopt.kills());
            }
            case ServerEffect.Acked acked -> {
                upToDate = acked.upToDate();
                node.world.promises.acked(this, acked);
            }
            case ServerEffect.Close ignored -> closing = true;
            case ServerEffect.Introduced ignored -> {}
            case ServerEffect.Owes ignored -> upToDate = false;
            case ServerEffect.Reported ignored -> {}
            case ServerEffect.Left ignored -> {}
            case ServerEffect.Lost ignored -> {}
        }
    }

    /** The server gets what the client has sent, up to so many frames. */
    void deliverUp(int most) {
        for (int i = 0; i < most && !up.isEmpty(); i++) {
            Frame frame = up.poll();
            if (frame instanceof Frame.Hello hello) {
                client.arrived(node, hello);
            }
            step(new ServerInput.Received(frame));
        }
    }

    void fill() {
        full = true;
        step(new ServerInput.Filled(1));
    }

    void drained() {
        full = false;
        step(new ServerInput.Drained());
    }
}

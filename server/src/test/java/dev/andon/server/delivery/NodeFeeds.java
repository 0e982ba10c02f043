package dev.andon.server.delivery;

import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.stream.Offer;
import dev.andon.server.node.Publication;
import java.util.List;
import java.util.Optional;

/** What a node offers to the clients of one environment, without streams: for drivers that have streams of their own. */
public final class NodeFeeds {
    private final Feeds feeds = new Feeds();
    private final String environment;

    /** @param offered run whenever there is something new */
    public NodeFeeds(String environment, Runnable offered) {
        this.environment = environment;
        feeds.add(new Feeds.Receiver() {
            @Override
            public void offered(String key, Feed feed) {
                if (key.equals(environment)) {
                    offered.run();
                }
            }

            @Override
            public void tokensChanged(Image image) {}
        });
    }

    public void publish(Publication publication) {
        feeds.publish(publication);
    }

    public void kills(List<StandingKill> kills) {
        feeds.onKills(environment, kills);
    }

    public Optional<Offer> offer() {
        return feeds.feed(environment).map(Feed::offer);
    }

    /** The frame that brings a client up to date; the same array as long as the frame is the same. */
    public byte[] stateFrame(Optional<Provenance> from) {
        return feeds.feed(environment).orElseThrow().state(from).bytes();
    }

    public byte[] killFrame(List<StandingKill> kills) {
        return feeds.feed(environment).orElseThrow().kills(kills).bytes();
    }
}

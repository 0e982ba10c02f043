package dev.andon.server.delivery;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.server.node.KillListener;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Publisher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The newest {@link Feed} of every environment. Kills come from the stop thread, images from the ledger's: each makes a new
 * feed under a lock that is held for no longer than that and the handing on, so that every receiver sees feeds in order.
 */
public final class Feeds implements Publisher, KillListener {
    /** How many states back a client may be and still be brought on by a patch. */
    private static final int EARLIER = 64;

    private final Object lock = new Object();
    private final Map<String, Feed> feeds = new ConcurrentHashMap<>();
    private final Map<String, List<StandingKill>> early = new LinkedHashMap<>();
    private final List<Receiver> receivers = new CopyOnWriteArrayList<>();
    private volatile Image image = Image.EMPTY;

    /** Someone who hands feeds on to streams; must not block. */
    interface Receiver {
        void offered(String environment, Feed feed);

        /** Tokens may have been revoked. */
        void tokensChanged(Image image);
    }

    void add(Receiver receiver) {
        receivers.add(receiver);
    }

    Optional<Feed> feed(String environment) {
        return Optional.ofNullable(feeds.get(environment));
    }

    Image image() {
        return image;
    }

    @Override
    public String name() {
        return "delivery";
    }

    @Override
    public void onKills(String environment, List<StandingKill> kills) {
        synchronized (lock) {
            Feed feed = feeds.get(environment);
            if (feed == null) {
                early.merge(environment, List.copyOf(kills), Feeds::both);
            } else {
                offer(environment, feed.with(kills));
            }
        }
    }

    private static List<StandingKill> both(List<StandingKill> one, List<StandingKill> other) {
        List<StandingKill> all = new java.util.ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // an image keeps the maps that didn't change
    public void publish(Publication publication) {
        Image before = image;
        Image after = publication.after();
        synchronized (lock) {
            image = after;
            after.environments().forEach((key, environment) -> publish(key, environment, after));
        }
        if (before.tokens() != after.tokens()) {
            receivers.forEach(receiver -> receiver.tokensChanged(after));
        }
    }

    private void publish(String key, EnvironmentImage environment, Image after) {
        Feed feed = feeds.get(key);
        if (feed == null) {
            Feed first = new Feed(after, environment, List.of(), Map.of());
            List<StandingKill> kills = early.remove(key);
            offer(key, kills == null ? first : first.with(kills));
        } else if (!sameForClients(feed, environment, after)) {
            offer(key, feed.next(after, environment, EARLIER));
        }
    }

    /** Nothing that clients see has changed, and no pending kill was settled: they need not be told. */
    private static boolean sameForClients(Feed feed, EnvironmentImage environment, Image after) {
        return environment.version() == feed.environment().version()
                && environment.digest().equals(feed.environment().digest())
                && after.provenance().sameLedger(feed.image().provenance())
                && after.provenance().epoch() == feed.image().provenance().epoch()
                && feed.pending().keySet().stream().noneMatch(after.marks()::covers);
    }

    private void offer(String environment, Feed feed) {
        feeds.put(environment, feed);
        receivers.forEach(receiver -> receiver.offered(environment, feed));
    }
}

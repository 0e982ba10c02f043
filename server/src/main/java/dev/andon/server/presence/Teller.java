package dev.andon.server.presence;

import dev.andon.core.json.Json;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Instance;
import dev.andon.server.node.Presence;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one node, each in its newest state, for other nodes to be told: of a burst of changes, one line for each
 * client. Changed on the bookkeeper's thread alone; each telling may be asked on any thread.
 */
final class Teller {
    private static final int MAX_CLIENTS = Frame.Presence.MAX_CLIENTS;
    private static final int MAX_CHARS = 48 << 10;

    private final Optional<String> of;
    private final String run;
    private final Map<InstanceKey, Told> clients = new LinkedHashMap<>();
    private final List<OnLink> tellings = new ArrayList<>();
    private Map<String, Long> unlisted = Map.of();
    private long comings;
    private long lastTelling;

    /** What one link is still to be told. */
    final class OnLink {
        private final long number;
        private final Set<InstanceKey> due = new LinkedHashSet<>();
        private Map<String, Long> toldUnlisted = Map.of();
        private boolean ready;
        private boolean begun;
        private boolean complete;

        OnLink(long number) {
            this.number = number;
        }

        Optional<Frame> next() {
            synchronized (Teller.this) {
                if (!ready || (due.isEmpty() && complete && toldUnlisted.equals(unlisted))) {
                    return Optional.empty();
                }
                List<Json> some = new ArrayList<>();
                int chars = 0;
                Iterator<InstanceKey> next = due.iterator();
                while (next.hasNext() && some.size() < MAX_CLIENTS && chars < MAX_CHARS) {
                    Json told = told(next.next());
                    chars += told.text().length();
                    some.add(told);
                    next.remove();
                }
                boolean begins = !begun;
                boolean completes = !complete && due.isEmpty();
                begun = true;
                complete |= completes;
                toldUnlisted = unlisted;
                return Optional.of(new Frame.Presence(of, run, number, begins, completes, some, unlisted));
            }
        }

        private Json told(InstanceKey key) {
            Told known = clients.get(key);
            if (known != null) {
                return known.toJson();
            }
            return ended(key, gone.getOrDefault(key, Told.State.FORGOTTEN));
        }

        /** Ends it; another one begins from the start. One that hasn't begun is that one. */
        OnLink again() {
            synchronized (Teller.this) {
                if (!begun) {
                    return this;
                }
                end();
                OnLink next = begin();
                ready(next);
                return next;
            }
        }

        void end() {
            synchronized (Teller.this) {
                tellings.remove(this);
            }
        }
    }

    /** How clients went that some link is still to be told of. */
    private final Map<InstanceKey, Told.State> gone = new HashMap<>();

    /**
     * @param of the node whose clients they are; empty if that is this one
     * @param run of this teller alone
     */
    Teller(Optional<String> of, String run) {
        this.of = of;
        this.run = run;
    }

    private static Json ended(InstanceKey key, Told.State how) {
        return Told.came(new Instance(key, Optional.empty(), ""), 0, 0, Optional.empty())
                .becoming(how, 0)
                .toJson();
    }

    /** To be made {@link #ready} on the bookkeeper's thread. */
    synchronized OnLink begin() {
        OnLink telling = new OnLink(++lastTelling);
        tellings.add(telling);
        return telling;
    }

    synchronized void ready(OnLink telling) {
        telling.due.addAll(clients.keySet());
        telling.ready = true;
    }

    synchronized long nextComing() {
        return ++comings;
    }

    synchronized @Nullable Told get(InstanceKey key) {
        return clients.get(key);
    }

    synchronized void put(Told told) {
        clients.put(told.key(), told);
        gone.remove(told.key());
        changed(told.key());
    }

    /** Changes what is known of a client, if it is known. */
    synchronized void change(InstanceKey key, UnaryOperator<Told> change) {
        Told known = clients.get(key);
        if (known != null) {
            clients.put(key, change.apply(known));
            changed(key);
        }
    }

    synchronized void remove(InstanceKey key, Told.State how) {
        if (clients.remove(key) != null) {
            if (tellings.isEmpty()) {
                gone.clear();
            } else {
                gone.put(key, how);
            }
            changed(key);
        }
    }

    private void changed(InstanceKey key) {
        tellings.forEach(telling -> telling.due.add(key));
    }

    /** Compares with who is there: nobody says when one is forgotten, or was remembered from before a restart. */
    synchronized void compare(Iterable<Presence.Present> present, Map<String, Long> nowUnlisted) {
        Set<InstanceKey> there = new HashSet<>();
        for (Presence.Present one : present) {
            InstanceKey key = one.instance().key();
            there.add(key);
            if (!clients.containsKey(key)) {
                put(Told.came(
                        one.instance(),
                        nextComing(),
                        one.connected() ? 0 : Math.max(1, one.missing()),
                        Optional.empty()));
            }
        }
        for (InstanceKey key : List.copyOf(clients.keySet())) {
            if (!there.contains(key)) {
                remove(key, Told.State.FORGOTTEN);
            }
        }
        prune();
        unlisted = Map.copyOf(nowUnlisted);
    }

    /** Forgets how clients went that every link has been told of. */
    synchronized void prune() {
        gone.keySet().removeIf(key -> tellings.stream().noneMatch(telling -> telling.due.contains(key)));
    }

    synchronized void setUnlisted(Map<String, Long> now) {
        unlisted = Map.copyOf(now);
    }
}

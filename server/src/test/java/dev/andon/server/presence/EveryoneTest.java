package dev.andon.server.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.model.Environment;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Instance;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.MissingNode;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.SharedPresence;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EveryoneTest {
    private static final String PRODUCTION = "production";
    private static final Duration REMEMBER = Duration.ofMinutes(10);
    private static final Image IMAGE = image();

    private final Bookkeeper books = new Bookkeeper();
    private final AtomicLong nanos = new AtomicLong();
    private final At a = new At("a");
    private final At b = new At("b");
    private final At c = new At("c");

    EveryoneTest() {
        books.start();
    }

    private static void taken() {
        // Nobody waits for it.
    }

    @AfterEach
    void close() {
        books.close();
    }

    /** A node: who is there, what is told of it, and what its listener hears. */
    private final class At implements InstanceListener {
        final String name;
        final Map<InstanceKey, Presence.Present> there = new LinkedHashMap<>();
        final List<String> lines = new ArrayList<>();
        final List<Long> ackedNanos = new ArrayList<>();
        Everyone everyone;
        InstanceListener here;

        At(String name) {
            this.name = name;
            begin("run");
        }

        void begin(String run) {
            Presence local = environment -> List.copyOf(there.values());
            everyone = new Everyone(
                    books, local, () -> name, () -> IMAGE, Optional.empty(), name + run, REMEMBER, nanos::get);
            everyone.add(this);
            here = everyone.here();
        }

        void comes(String instance) {
            books.note(() -> {
                there.put(key(instance), new Presence.Present(instance(instance), true, Frame.LocalStops.NONE));
                here.connected(instance(instance), hello(instance));
            });
        }

        void acks(String instance, long version) {
            books.note(() -> here.acked(key(instance), ack(version), 0));
        }

        void loses(String instance) {
            books.note(() -> {
                there.put(key(instance), new Presence.Present(instance(instance), false, Frame.LocalStops.NONE));
                here.vanished(key(instance), 1);
            });
        }

        void isLeftBy(String instance) {
            books.note(() -> {
                there.remove(key(instance));
                here.left(key(instance));
            });
        }

        void links(Set<String> known, Set<String> linked) {
            everyone.nodes(known, linked);
        }

        List<String> heard() {
            return books.ask(() -> {
                List<String> heard = List.copyOf(lines);
                lines.clear();
                return heard;
            });
        }

        List<String> present() {
            return books.ask(() -> everyone.present(PRODUCTION).stream()
                    .map(one -> one.instance().key().instance() + (one.connected() ? "" : " away"))
                    .toList());
        }

        @Override
        public void connected(Instance instance, Frame.Hello hello) {
            lines.add("connected " + instance.key().instance());
        }

        @Override
        public void acked(InstanceKey instance, Frame.Ack ack, long at) {
            lines.add("acked " + instance.instance() + " "
                    + ack.state().provenance().version());
            ackedNanos.add(at);
        }

        @Override
        public void found(Instance instance, Optional<Served> holds, int missing) {
            lines.add("found " + instance.key().instance() + (missing == 0 ? "" : ", missing " + missing));
        }

        @Override
        public void unlisted(String environment) {
            lines.add("unlisted");
        }

        @Override
        public void sent(InstanceKey instance, Served served, long at) {
            lines.add("sent " + instance.instance());
        }

        @Override
        public void confirmed(InstanceKey instance, Served served, long at) {
            lines.add("confirmed " + instance.instance());
        }

        @Override
        public void vanished(InstanceKey instance, int missing) {
            lines.add("vanished " + instance.instance());
        }

        @Override
        public void left(InstanceKey instance) {
            lines.add("left " + instance.instance());
        }

        @Override
        public void reported(InstanceKey instance, Frame.Report report, long at) {
            lines.add("reported " + instance.instance());
        }

        @Override
        public void nodesMissing(Set<MissingNode> nodes) {
            lines.add("missing " + nodes.stream().map(MissingNode::id).sorted().toList());
        }
    }

    /** One telling, as it goes over a link. */
    private final class Link {
        final At from;
        final At to;
        final SharedPresence.Telling telling;

        Link(At from, At to) {
            this(from, to, SharedPresence.Side.BESIDE);
        }

        /** @param side where the one that is told stands */
        Link(At from, At to, SharedPresence.Side side) {
            this.from = from;
            this.to = to;
            this.telling = from.everyone.tell(to.name, side);
        }

        void pass() {
            flush();
            hand();
            flush();
        }

        void hand() {
            for (Optional<Frame> next = telling.next(); next.isPresent(); next = telling.next()) {
                Frame frame = FrameCodec.decode(FrameCodec.encode(next.get()), FrameCodec.FROM_PEER);
                if (frame instanceof Frame.Lost lost) {
                    to.everyone.lost(from.name, lost.nodes(), EveryoneTest::taken);
                } else {
                    to.everyone.heard(from.name, (Frame.Presence) frame, EveryoneTest::taken);
                }
            }
        }
    }

    private void flush() {
        assertThat(books.<Boolean>ask(() -> true)).isTrue();
    }

    private static Image image() {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        delta.apply(1, new Event.EnvironmentSaved(new Environment(PRODUCTION, "")));
        return delta.build(new Provenance("0123456789abcdef", 1, 1));
    }

    private static InstanceKey key(String instance) {
        return new InstanceKey(PRODUCTION, "shop", instance);
    }

    private static Instance instance(String instance) {
        return new Instance(key(instance), Optional.of("eu"), "andon-java/1");
    }

    private static Frame.Hello hello(String instance) {
        return new Frame.Hello(1, "andon-java/1", "shop", instance, Optional.empty(), Optional.empty(), List.of());
    }

    private static Frame.Ack ack(long version) {
        return new Frame.Ack(new Frame.Held(new Provenance("0123456789abcdef", 1, version), "d"), List.of(), 0);
    }

    private Link linked(At from, At to) {
        to.links(Set.of(from.name), Set.of(from.name));
        Link link = new Link(from, to);
        link.pass();
        return link;
    }

    @Test
    void whoComesToAnotherNodeIsThereAndItsAcksCount() {
        b.comes("one");
        b.acks("one", 7);
        Link link = linked(b, a);
        assertThat(a.heard()).containsExactly("missing [b]", "connected one", "acked one 7", "missing []");
        assertThat(a.present()).containsExactly("one");

        b.acks("one", 8);
        b.acks("one", 9);
        link.pass();
        assertThat(a.heard()).as("of a burst, the newest").containsExactly("acked one 9");
        b.isLeftBy("one");
        link.pass();
        assertThat(a.heard()).containsExactly("left one");
        assertThat(a.present()).isEmpty();
    }

    @Test
    void whoMovesIsTheWordOfTheNodeThatItCameTo() {
        Link link = linked(b, a);
        a.comes("one");
        a.acks("one", 7);
        b.comes("one");
        link.pass();
        a.loses("one");
        a.heard();
        assertThat(a.present()).containsExactly("one");
        b.acks("one", 8);
        link.pass();
        assertThat(a.heard()).containsExactly("acked one 8");
        a.comes("one");
        b.loses("one");
        link.pass();
        assertThat(a.heard()).containsExactly("connected one");
        assertThat(a.present()).containsExactly("one");
    }

    @Test
    void whoIsAtTwoNodesProvesNothingUntilOneIsLeft() {
        Link link = linked(b, a);
        a.comes("one");
        b.comes("one");
        b.acks("one", 8);
        link.pass();
        a.acks("one", 8);
        assertThat(a.heard()).contains("connected one").noneMatch(line -> line.startsWith("acked"));
        a.loses("one");
        assertThat(a.heard()).containsExactly("acked one 8");
    }

    @Test
    void theClientsOfANodeThatIsCutOffAreUnreachableAndItIsMissing() {
        Link link = linked(b, a);
        b.comes("one");
        b.acks("one", 7);
        link.pass();
        a.heard();
        a.links(Set.of("b"), Set.of());
        assertThat(a.heard()).containsExactly("vanished one", "missing [b]");
        assertThat(a.present()).containsExactly("one away");
        assertThat(missing(a)).containsExactly("b");

        linked(b, a);
        assertThat(a.heard()).containsExactly("connected one", "acked one 7", "missing []");
    }

    @Test
    void oneThatAnotherNodeStillHasIsHandedOver() {
        Link fromB = linked(b, a);
        a.links(Set.of("b", "c"), Set.of("b", "c"));
        Link fromC = new Link(c, a);
        fromC.pass();
        c.comes("one");
        c.acks("one", 5);
        fromC.pass();
        b.comes("one");
        fromB.pass();
        a.heard();
        b.loses("one");
        fromB.pass();
        assertThat(a.heard()).containsExactly("connected one", "acked one 5");
        assertThat(a.present()).containsExactly("one");
    }

    @Test
    void aNodeThatStartedAnewSaysWhoIsLeft() {
        b.comes("one");
        b.comes("two");
        linked(b, a);
        a.heard();
        b.there.clear();
        b.begin("anew");
        b.comes("two");
        linked(b, a);
        assertThat(a.heard()).contains("vanished one").doesNotContain("left one");
        assertThat(a.present()).containsExactly("two");
    }

    @Test
    void whatAnOlderTellingSaysCountsNoMore() {
        b.comes("one");
        a.links(Set.of("b"), Set.of("b"));
        Link older = new Link(b, a);
        Link newer = new Link(b, a);
        newer.pass();
        a.heard();
        b.loses("one");
        older.pass();
        assertThat(a.heard()).isEmpty();
        newer.pass();
        assertThat(a.heard()).containsExactly("vanished one");
    }

    /** An ack may come by a link before the kill that it is of has got here. */
    @Test
    void whatWasShownLastCanBeSaidAgain() {
        b.comes("one");
        b.acks("one", 7);
        linked(b, a);
        a.comes("two");
        a.acks("two", 7);
        List<String> proofs = new ArrayList<>();
        Presence.Proofs to = new Presence.Proofs() {
            @Override
            public void acked(InstanceKey instance, Frame.Ack ack) {
                proofs.add(instance.instance() + " " + ack.state().provenance().version());
            }

            @Override
            public void sent(InstanceKey instance, Served served) {
                proofs.add(instance.instance() + " sent");
            }

            @Override
            public void confirmed(InstanceKey instance, Served served) {
                proofs.add(instance.instance() + " confirmed");
            }
        };
        books.note(() -> {
            a.everyone.proofs(PRODUCTION, to);
            a.everyone.proofs("staging", to);
        });
        flush();
        assertThat(proofs).containsExactly("one 7");
    }

    @Test
    void whatAnotherNodeTellsCountsFromWhenItWasHeardHoweverFarBehindTheBooksAre() {
        b.comes("one");
        b.acks("one", 7);
        a.links(Set.of("b"), Set.of("b"));
        Link link = new Link(b, a);
        flush();
        CompletableFuture<Void> behind = new CompletableFuture<>();
        books.note(behind::join);
        nanos.set(5);
        link.hand();
        nanos.set(9);
        behind.complete(null);
        assertThat(books.ask(() -> List.copyOf(a.ackedNanos))).containsExactly(5L);
    }

    @Test
    void whoIsForgottenDidNotLeave() {
        b.comes("one");
        Link link = linked(b, a);
        b.loses("one");
        link.pass();
        a.heard();
        b.there.clear();
        for (int i = 0; i < 5; i++) {
            b.everyone.tick();
        }
        link.pass();
        assertThat(a.heard()).isEmpty();
        assertThat(a.present()).isEmpty();
    }

    @Test
    void clientsOfOtherProtocolsAreToldToo() {
        Instance page = new Instance(key("page"), Optional.empty(), "browser", Protocol.OFREP, Optional.empty());
        Served served = new Served(new Provenance("0123456789abcdef", 1, 4), Set.of(), Set.of());
        b.there.put(page.key(), new Presence.Present(page, true, Frame.LocalStops.NONE));
        books.note(() -> {
            b.here.found(page, Optional.empty(), 0);
            b.here.sent(page.key(), served, 0);
        });
        Link link = linked(b, a);
        assertThat(a.heard()).containsExactly("missing [b]", "found page", "sent page", "missing []");
        books.note(() -> b.here.confirmed(page.key(), served, 0));
        link.pass();
        assertThat(a.heard()).containsExactly("confirmed page");
    }

    @Test
    void manyAreToldInPieces() {
        for (int i = 0; i < 3 * Frame.Presence.MAX_CLIENTS; i++) {
            b.comes("i" + i);
        }
        a.links(Set.of("b"), Set.of("b"));
        Link link = new Link(b, a);
        flush();
        Frame.Presence first = (Frame.Presence) link.telling.next().orElseThrow();
        assertThat(first.begins()).isTrue();
        assertThat(first.complete()).isFalse();
        assertThat(first.clients().size()).isLessThanOrEqualTo(Frame.Presence.MAX_CLIENTS);
        a.everyone.heard("b", first, EveryoneTest::taken);
        link.pass();
        assertThat(a.present()).hasSize(3 * Frame.Presence.MAX_CLIENTS);
        assertThat(missing(a)).isEmpty();
    }

    /** {@code c} is a relay that {@code b} feeds, and {@code a} is beside {@code b}. */
    private final class Region {
        final Link up = new Link(c, b, SharedPresence.Side.ABOVE);
        final Link down = new Link(b, c, SharedPresence.Side.BELOW);
        final Link there = new Link(b, a);
        final Link back = new Link(a, b);

        Region() {
            b.links(Set.of("a", "c"), Set.of("a", "c"));
            a.links(Set.of("b", "c"), Set.of("b"));
            c.links(Set.of("a", "b"), Set.of("b"));
        }

        void pass() {
            for (int i = 0; i < 3; i++) {
                List.of(up, back, there, down).forEach(Link::pass);
            }
        }
    }

    private Set<String> missing(At at) {
        return books.ask(() ->
                at.everyone.missingNodes().stream().map(MissingNode::id).collect(java.util.stream.Collectors.toSet()));
    }

    @Test
    void whoIsAtARelayIsToldOnToAllAndNeverBack() {
        Region region = new Region();
        c.comes("below");
        c.acks("below", 7);
        a.comes("beside");
        region.pass();
        for (At at : List.of(a, b, c)) {
            assertThat(at.present()).as(at.name).containsExactlyInAnyOrder("below", "beside");
            assertThat(missing(at)).as(at.name).isEmpty();
        }
        assertThat(a.heard()).contains("connected below", "acked below 7");
        assertThat(c.everyone.ways()).containsEntry("a", "b").doesNotContainKey("c");

        c.acks("below", 8);
        region.pass();
        assertThat(a.heard()).containsExactly("acked below 8");
        c.isLeftBy("below");
        region.pass();
        assertThat(a.heard()).containsExactly("left below");
    }

    @Test
    void whoIsAtARelayThatIsCutOffHasVanishedForAllAndTheRelayIsMissing() {
        Region region = new Region();
        c.comes("below");
        a.comes("beside");
        region.pass();
        a.heard();
        b.links(Set.of("a", "c"), Set.of("a"));
        c.links(Set.of("a", "b"), Set.of());
        region.there.pass();
        assertThat(a.heard()).containsExactly("vanished below", "missing [c]");
        assertThat(missing(b)).containsExactly("c");
        assertThat(missing(c)).containsExactlyInAnyOrder("a", "b");
        assertThat(c.present()).containsExactlyInAnyOrder("below", "beside away");

        // it is back, at another node
        Link up = new Link(c, a, SharedPresence.Side.ABOVE);
        Link down = new Link(a, c, SharedPresence.Side.BELOW);
        a.links(Set.of("b", "c"), Set.of("b", "c"));
        c.links(Set.of("a", "b"), Set.of("a"));
        for (int i = 0; i < 3; i++) {
            List.of(up, region.back, down).forEach(Link::pass);
        }
        assertThat(a.heard()).contains("connected below", "missing []");
        assertThat(b.present()).containsExactlyInAnyOrder("below", "beside");
        assertThat(missing(b)).isEmpty();
    }

    @Test
    void whatARelaySaysOfItselfCountsAndNothingThatAnotherSaysOfIt() {
        Region region = new Region();
        c.comes("below");
        c.acks("below", 7);
        region.pass();
        b.heard();
        // another one claims to tell of its clients, and leaves them out
        Frame.Presence forged = new Frame.Presence(Optional.of("c"), "forged", 1, true, true, List.of(), Map.of());
        b.everyone.heard("a", forged, EveryoneTest::taken);
        b.everyone.lost("a", List.of("c"), EveryoneTest::taken);
        flush();
        assertThat(b.present()).containsExactly("below");
        assertThat(missing(b)).isEmpty();
        assertThat(b.everyone.ways()).containsEntry("c", "c");
    }

    @Test
    void aRelayOfWhichNobodyTellsWhereItCountsIsAskedForWhenTheNodesChange() {
        Region region = new Region();
        c.comes("below");
        List.of(region.up, region.back, region.down).forEach(Link::pass);
        flush();
        region.there.telling.next().ifPresent(own -> a.everyone.heard("b", (Frame.Presence) own, EveryoneTest::taken));
        // doesn't count at a, which doesn't know yet that c is below b
        assertThat(region.there.telling.next()).isPresent();
        assertThat(region.there.telling.next()).isEmpty();
        a.everyone.nodesChanged();
        a.everyone.tick();
        List.of(region.back, region.there).forEach(Link::pass);
        assertThat(missing(a)).isEmpty();
        assertThat(a.present()).containsExactly("below");

        b.everyone.lost("a", List.of("b"), EveryoneTest::taken);
        flush();
        Optional<Frame> ofItself = region.there.telling.next();
        assertThat(ofItself).map(own -> ((Frame.Presence) own).begins()).contains(true);
    }

    @Test
    void aRelayThatTwoNodesTellOfIsTheWordOfTheOneThatStillHasIt() {
        Region region = new Region();
        c.comes("below");
        region.pass();
        // d is beside both, and takes b's word last, which is about to lose the relay
        At d = new At("d");
        Link fromB = new Link(b, d);
        Link fromD = new Link(d, b);
        Link toA = new Link(d, a);
        Link fromA = new Link(a, d);
        Link up = new Link(c, a, SharedPresence.Side.ABOVE);
        Link down = new Link(a, c, SharedPresence.Side.BELOW);
        a.links(Set.of("b", "c", "d"), Set.of("b", "c", "d"));
        b.links(Set.of("a", "c", "d"), Set.of("a", "c", "d"));
        d.links(Set.of("a", "b", "c"), Set.of("a", "b"));
        for (int i = 0; i < 3; i++) {
            List.of(up, down, fromA, fromD, toA, fromB).forEach(Link::pass);
        }
        assertThat(d.present()).containsExactly("below");
        b.links(Set.of("a", "c", "d"), Set.of("a", "d"));
        for (int i = 0; i < 4; i++) {
            List.of(fromB, toA, fromD, fromA, region.there, region.back).forEach(Link::pass);
        }
        assertThat(missing(d)).isEmpty();
        assertThat(d.everyone.ways()).containsEntry("c", "a");
        assertThat(missing(b)).isEmpty();
    }
}

package dev.andon.server.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Node;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.MissingNode;
import dev.andon.server.node.SharedPresence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What another node tells is bounded, and what is left out of it isn't taken for all. */
final class ToldTest {
    private static final String PRODUCTION = "production";
    private static final Provenance AT = new Provenance("0123456789abcdef", 1, 1);

    private final Image image = image();
    private final Map<String, Integer> toldOf = new LinkedHashMap<>();
    private final Bookkeeper books = new Bookkeeper(60_000);
    private final Everyone everyone = new Everyone(
            books,
            environment -> List.of(),
            () -> "a",
            () -> image,
            Optional.empty(),
            "a-run",
            Duration.ofMinutes(10),
            System::nanoTime);

    ToldTest() {
        books.start();
    }

    private static void taken() {
        // Nobody waits for it.
    }

    @AfterEach
    void close() {
        books.close();
    }

    private static Image image() {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        delta.apply(1, new Event.EnvironmentSaved(new Environment(PRODUCTION, "")));
        for (String token : List.of("eu", "us", "ap")) {
            for (String relay : List.of("-1", "-2")) {
                Node.Joining joining = new Node.Joining(token, "0".repeat(64), Optional.empty(), 1);
                delta.apply(
                        1, new Event.NodeSaved(new Node(token + relay, "k").relayingIn("there", Optional.of(joining))));
            }
        }
        return delta.build(AT);
    }

    private void flush() {
        assertThat(books.<Boolean>ask(() -> true)).isTrue();
    }

    private List<String> missing() {
        return books.ask(
                () -> everyone.missingNodes().stream().map(MissingNode::id).toList());
    }

    private List<String> present() {
        return books.ask(() -> everyone.present(PRODUCTION).stream()
                .map(one -> one.instance().key().instance())
                .toList());
    }

    private static Json told(String instance, Json pending) {
        return Json.object()
                .put("environment", PRODUCTION)
                .put("service", "shop")
                .put("instance", instance)
                .put("sdk", "andon-java/1")
                .put("protocol", "andon")
                .put("state", "connected")
                .put("coming", 1)
                .put("missing", 0)
                .put(
                        "sent",
                        Json.object().put("at", ImageCodec.provenanceJson(AT)).put("pending", pending))
                .build();
    }

    /** By the node b, to a. */
    private void tell(long telling, boolean begins, List<Json> clients) {
        everyone.heard("b", presence(telling, begins, clients), ToldTest::taken);
        flush();
    }

    private static Frame.Presence presence(long telling, boolean begins, List<Json> clients) {
        return new Frame.Presence(Optional.empty(), "r", telling, begins, begins, clients, Map.of());
    }

    @Test
    void aNodeThatTellsWhatCantBeReadIsMissingUntilItTellsOfAllAnew() {
        everyone.nodes(Set.of("b"), Set.of("b"));
        Json none = Json.array(List.of());
        tell(1, true, List.of(told("one", none)));
        assertThat(missing()).isEmpty();
        for (String wrong : List.of("environment", "service", "instance", "sdk", "region", "divergence")) {
            tell(1, true, List.of(told("one", none)));
            Map<String, Json> members = new LinkedHashMap<>(((Json.Members) told("two", none)).members());
            members.put(wrong, Json.of("\n"));
            tell(1, false, List.of(new Json.Members(members), told("three", none)));
            assertThat(missing()).as(wrong).containsExactly("b");
            assertThat(present()).contains("one", "three").doesNotContain("two");
        }
        tell(2, true, List.of(told("one", none)));
        assertThat(missing()).isEmpty();
    }

    @Test
    void aNodeThatTellsOfMoreClientsThanAreKeptIsMissing() {
        everyone.nodes(Set.of("b"), Set.of("b"));
        Json none = Json.array(List.of());
        tell(1, true, List.of());
        List<Json> some = new ArrayList<>();
        for (int i = 0; i < Table.MAX_CLIENTS; i++) {
            some.add(told("i" + i, none));
        }
        tell(1, false, some);
        assertThat(missing()).isEmpty();
        tell(1, false, List.of(told("i7", none)));
        assertThat(missing()).as("one that is known").isEmpty();
        tell(1, false, List.of(told("one more", none)));
        assertThat(missing()).containsExactly("b");
        assertThat(present()).hasSize(Table.MAX_CLIENTS);
    }

    @Test
    void relaysLeaveRoomForOthersAndATokensForThoseOfOtherTokens() {
        Set<String> all = Set.of("b", "c", "eu-1", "eu-2", "us-1", "us-2", "ap-1", "ap-2");
        everyone.nodes(all, all);
        all.forEach(node -> tellOf(node, 0));
        tellOf("eu-1", Table.MAX_CLIENTS - 1);
        tellOf("eu-2", 1);
        assertThat(missing()).isEmpty();
        tellOf("eu-2", 1);
        assertThat(missing()).as("one more of its token").containsExactly("eu-2");
        tellOf("us-1", Room.MAX_OF_RELAYS - Table.MAX_CLIENTS);
        assertThat(missing()).containsExactly("eu-2");
        tellOf("ap-1", 1);
        assertThat(missing()).as("one more of all relays").containsExactlyInAnyOrder("ap-1", "eu-2");
        tellOf("b", Room.MAX_ALL - Room.MAX_OF_RELAYS - 1);
        tellOf("c", 1);
        assertThat(missing()).as("servers have their own").containsExactlyInAnyOrder("ap-1", "eu-2");
        tellOf("c", 1);
        assertThat(missing()).containsExactlyInAnyOrder("ap-1", "c", "eu-2");
    }

    @Test
    void whoseClientsFoundNoRoomIsAskedAgainWhenThereIsSome() {
        everyone.nodes(Set.of("b", "eu-1"), Set.of("b", "eu-1"));
        tellOf("b", Table.MAX_CLIENTS);
        tellOf("eu-1", 0);
        SharedPresence.Telling toB = everyone.tell("b", SharedPresence.Side.BESIDE);
        tellOf("b", 1);
        assertThat(missing()).containsExactly("b");
        aMinute();
        assertThat(lost(toB)).as("there is none").isEmpty();
        Map<String, Json> gone = new LinkedHashMap<>(((Json.Members) told("b-0", Json.array(List.of()))).members());
        gone.put("state", Json.of("left"));
        everyone.heard("b", presence(1, false, List.of(new Json.Members(gone))), ToldTest::taken);
        aMinute();
        assertThat(lost(toB)).containsExactly("b");
        aMinute();
        tell(2, true, List.of(told("b-1", Json.array(List.of()))));
        assertThat(missing()).isEmpty();
        lost(toB);
        aMinute();
        assertThat(lost(toB)).as("all is told").isEmpty();
    }

    private void aMinute() {
        for (int i = 0; i < 60; i++) {
            everyone.tick();
        }
        flush();
    }

    /** The nodes of which a link says that they are lost. */
    private static List<String> lost(SharedPresence.Telling link) {
        List<String> lost = new ArrayList<>();
        for (Optional<Frame> next = link.next(); next.isPresent(); next = link.next()) {
            if (next.get() instanceof Frame.Lost frame) {
                lost.addAll(frame.nodes());
            }
        }
        return lost;
    }

    /** So many more clients of a node; the first time, it begins. */
    private void tellOf(String node, int more) {
        List<Json> some = new ArrayList<>();
        int before = toldOf.getOrDefault(node, 0);
        for (int i = 0; i < more; i++) {
            some.add(told(node + "-" + (before + i), Json.array(List.of())));
        }
        everyone.heard(node, presence(1, !toldOf.containsKey(node), some), ToldTest::taken);
        toldOf.put(node, before + more);
        flush();
    }

    @Test
    void aNodeThatNamesMoreKillsThanAreKeptIsMissing() {
        everyone.nodes(Set.of("b"), Set.of("b"));
        tell(1, true, List.of());
        List<Json> ids = new ArrayList<>();
        for (int i = 1; i <= Table.MAX_KILLS / 4; i++) {
            ids.add(Json.of("9f86d081-" + i));
        }
        Json kills = Json.array(ids);
        tell(1, false, List.of(told("a", kills), told("b", kills), told("c", kills), told("d", kills)));
        tell(1, false, List.of(told("a", kills)));
        assertThat(missing()).isEmpty();
        tell(1, false, List.of(told("e", kills)));
        assertThat(missing()).containsExactly("b");
    }

    @Test
    void whatIsToldTakesRoomUntilItIsInTheBooks() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        books.note(() -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        AtomicLong taken = new AtomicLong();
        everyone.heard(
                "b",
                new Frame.Presence(Optional.empty(), "r", 1, true, true, List.of(), Map.of()),
                taken::incrementAndGet);
        everyone.lost("b", List.of("c"), taken::incrementAndGet);
        assertThat(taken.get()).isZero();
        busy.countDown();
        flush();
        assertThat(taken.get()).isEqualTo(2);
    }
}

package dev.andon.server.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Sha256;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.Exercises;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.History;
import dev.andon.server.node.Instance;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.Publication;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.store.LedgerPosition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What receipts tell of how instances came back and behaved, and what they say last. */
class LastWordTest {
    private static final String PRODUCTION = "production";
    /** For hundreds of receipts, each of which is synced twice. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final long ANSWER_MS = 60_000;
    private static final Deadlines DEADLINES = new Deadlines(3_000, 300_000);
    private static final KillId KILL = new KillId("9f86d081", 1);
    private static final Instance SHOP = instance("shop", "shop-1");
    private static final Instance CART = instance("cart", "cart-1");

    @TempDir
    Path folder;

    private volatile boolean onDuty = true;

    private final AtomicLong nanos = new AtomicLong(1);
    private final List<Presence.Present> present = new ArrayList<>();
    private final List<Observation> told = Collections.synchronizedList(new ArrayList<>());
    private Bookkeeper books;
    private Receipts receipts;
    private Image image;

    private static Instance instance(String service, String name) {
        return new Instance(new InstanceKey(PRODUCTION, service, name), Optional.of("eu"), "andon-java/1");
    }

    @BeforeEach
    void start() {
        books = new Bookkeeper(ANSWER_MS);
        books.start();
        receipts = new Receipts(
                books,
                folder,
                environment -> List.copyOf(present),
                told::add,
                DEADLINES,
                () -> Instant.EPOCH.plusNanos(nanos.get()),
                nanos::get,
                () -> onDuty);
        publish(Image.EMPTY, image(1));
    }

    @AfterEach
    void stop() {
        receipts.close();
        books.close();
    }

    private void restart() {
        stop();
        start();
    }

    private static Image image(long version, Event... more) {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        delta.apply(1, new Event.EnvironmentSaved(new Environment(PRODUCTION, "")));
        Flag pay = new Flag(
                "pay", FlagKind.RELEASE, ValueType.BOOLEAN, "team", "", new TreeSet<>(), OptionalInt.empty(), false);
        delta.apply(1, new Event.FlagSaved(pay));
        delta.apply(
                1,
                new Event.ConfigurationSaved(
                        PRODUCTION,
                        "pay",
                        new Configuration(
                                Map.of("on", Json.of(true), "off", Json.of(false)),
                                "off",
                                true,
                                List.of(),
                                List.of(),
                                new Serve.Fixed("on"),
                                new WhenBlind.Keep())));
        for (Event event : more) {
            delta.apply(version, event);
        }
        return delta.build(new Provenance("ledger", 1, version));
    }

    private void publish(Image before, Image after) {
        image = after;
        receipts.publish(new Publication(before, after, LedgerPosition.START, List.of(), true));
    }

    private static StandingKill kill() {
        Kill kill = new Kill(
                KILL,
                PRODUCTION,
                new Target.OneFlag("pay"),
                new TreeSet<>(Set.of("pay")),
                Optional.empty(),
                List.of(),
                List.of(),
                "it misbehaves",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty());
        return new StandingKill(new SignedKill(kill.toJson().text(), "signed", kill), kill.flags());
    }

    private void killed(Presence.Present... there) {
        present.addAll(List.of(there));
        receipts.onKills(PRODUCTION, List.of(kill()));
        settle();
    }

    private static Presence.Present there(Instance instance, boolean connected) {
        return new Presence.Present(instance, connected, Frame.LocalStops.NONE);
    }

    private void settle() {
        books.ask(() -> true);
    }

    private void acks(Instance instance) {
        Frame.Held state = new Frame.Held(new Provenance("ledger", 1, 1), "digest");
        books.note(() -> receipts.acked(instance.key(), new Frame.Ack(state, List.of(KILL), 0), nanos.get()));
        settle();
    }

    private void connects(Instance instance) {
        Frame.Hello hello = new Frame.Hello(
                1,
                instance.sdk(),
                instance.key().service(),
                instance.key().instance(),
                instance.region(),
                Optional.empty(),
                List.of());
        books.note(() -> receipts.connected(instance, hello));
        settle();
    }

    /** @param pending whether the generation that served had the kill */
    private void reports(Instance instance, boolean pending, String variant, long number) {
        reports(instance, pending, variant, number, nanos.get());
    }

    private void reports(Instance instance, boolean pending, String variant, long number, long at) {
        Frame.Report report = new Frame.Report(
                List.of(new Frame.Exposures(
                        1, pending ? List.of(KILL) : List.of(), Map.of("pay", Map.of(variant, number)))),
                Map.of());
        books.note(() -> receipts.reported(instance.key(), report, at));
        settle();
    }

    private Fields receipt() {
        return Fields.lenient(receipts.show(KILL).orElseThrow().receipt());
    }

    private void passes(long ms) {
        nanos.addAndGet(ms * 1_000_000);
        receipts.tick();
        settle();
    }

    private static void holds(BooleanSupplier condition) {
        await().atMost(PATIENCE).until(condition::getAsBoolean);
    }

    private Fields details(int index) {
        return Fields.lenient(told.get(index).event().details());
    }

    @Test
    void a_kill_went_out_when_it_did_however_far_behind_the_books_are() {
        present.add(there(SHOP, true));
        CompletableFuture<Void> behind = new CompletableFuture<>();
        books.note(behind::join);
        receipts.onKills(PRODUCTION, List.of(kill()));
        nanos.addAndGet(5_000_000_000L);
        behind.complete(null);
        acks(SHOP);
        holds(() -> exercised().filter(way -> way.applied() == 1).isPresent());
        assertThat(exercised().orElseThrow().at())
                .as("when it had reached everybody")
                .isEqualTo(Instant.EPOCH.plusNanos(nanos.get()));
    }

    private Optional<Exercises.Exercise> exercised() {
        return receipts.exercises().exercised(PRODUCTION, Set.of("pay")).values().stream()
                .flatMap(ways -> ways.values().stream())
                .findFirst();
    }

    @Test
    void who_was_away_and_applies_it_before_its_first_evaluation_has_returned() {
        killed(there(SHOP, true), there(CART, false));
        acks(SHOP);
        connects(CART);
        acks(CART);
        assertThat(receipt().text("verdict")).isEqualTo("proven");
        assertThat(receipt().whole("applied", 0, 9)).isEqualTo(2);
        assertThat(receipt().whole("returned", 0, 9)).isEqualTo(1);
        assertThat(receipt().json("groups").text())
                .contains("\"service\":\"cart\"")
                .contains("\"returned\":1");
    }

    @Test
    void who_evaluated_without_the_kill_before_it_came_back_has_not() {
        killed(there(SHOP, true), there(CART, false));
        acks(SHOP);
        connects(CART);
        acks(CART);
        reports(CART, false, "on", 3);
        assertThat(receipt().whole("returned", 0, 9)).isZero();
        assertThat(receipt().whole("applied", 0, 9)).isEqualTo(2);
        assertThat(receipt().object("inFlight").whole("count", 0, 9)).isEqualTo(3);
    }

    @Test
    void what_was_in_flight_is_counted_with_the_times_of_the_reports() {
        killed(there(SHOP, true));
        reports(SHOP, false, "on", 5);
        reports(SHOP, false, "off", 9);
        nanos.addAndGet(1_000_000_000L);
        reports(SHOP, false, "on", 2);
        Fields inFlight = receipt().object("inFlight");
        assertThat(inFlight.whole("count", 0, 99)).isEqualTo(7);
        assertThat(Instant.parse(inFlight.text("to")).minusSeconds(1)).isEqualTo(Instant.parse(inFlight.text("from")));
        assertThat(inFlight.json("flags").text()).isEqualTo("[{\"flag\":\"pay\",\"variant\":\"on\",\"count\":7}]");
        assertThat(receipt().object("relapses").whole("count", 0, 9)).isZero();
        assertThat(told).isEmpty();
    }

    @Test
    void what_was_in_flight_has_the_time_of_the_report_however_far_behind_the_books_are() {
        killed(there(SHOP, true));
        long reported = nanos.get();
        books.note(() -> nanos.addAndGet(5_000_000_000L));
        reports(SHOP, false, "on", 5, reported);
        assertThat(receipt().object("inFlight").text("to"))
                .isEqualTo(Instant.EPOCH.plusNanos(reported).toString());
    }

    @Test
    void a_relapse_raises_an_alarm_at_once_and_then_at_ten_times_as_many() {
        killed(there(SHOP, true));
        acks(SHOP);
        reports(SHOP, true, "on", 1);
        assertThat(told).hasSize(1);
        assertThat(told.getFirst().type()).isEqualTo("kill.relapse");
        assertThat(told.getFirst().reason()).startsWith("ALARM: 1 evaluation served an unsafe variant");
        assertThat(details(0).json("relapses").text()).contains("shop-1").contains("\"variant\":\"on\"");
        reports(SHOP, true, "on", 5);
        assertThat(told).hasSize(1);
        reports(SHOP, true, "on", 5);
        reports(SHOP, true, "on", 1_000);
        assertThat(told).extracting(Observation::once).doesNotHaveDuplicates().hasSize(3);
        assertThat(receipt().object("relapses").whole("count", 0, 9_999)).isEqualTo(1_011);
    }

    @Test
    void the_last_word_comes_a_moment_after_the_proof_with_the_digest_of_the_document() {
        killed(there(SHOP, true));
        acks(SHOP);
        passes(2_999);
        assertThat(told).isEmpty();
        passes(1);
        holds(() -> told.size() == 1);
        Observation word = told.getFirst();
        assertThat(word.type()).isEqualTo("kill.receipt");
        assertThat(word.event().about()).isEqualTo("kill/" + KILL);
        assertThat(details(0).text("outcome")).isEqualTo("proven");
        assertThat(details(0).whole("applied", 0, 9)).isEqualTo(1);
        assertThat(digest(0)).isEqualTo(details(0).text("digest"));
        assertThat(new String(receipts.document(KILL, 0).orElseThrow(), StandardCharsets.UTF_8))
                .contains("shop-1");
        assertThat(receipt().object("final").has("version")).isFalse();
        word.written().accept(7);
        settle();
        assertThat(receipt().object("final").whole("version", 1, 9)).isEqualTo(7);
        passes(600_000);
        assertThat(told).hasSize(1);
    }

    @Test
    void at_the_deadline_it_names_who_was_only_sent_it() {
        Instance page = new Instance(
                new InstanceKey(PRODUCTION, "page", "page-1"),
                Optional.empty(),
                "Mozilla/5.0",
                Protocol.OFREP,
                Optional.empty());
        Served killed = new Served(new Provenance("ledger", 1, 1), Set.of(KILL), Set.of());
        killed(there(SHOP, true), there(page, true));
        acks(SHOP);
        books.note(() -> receipts.sent(page.key(), killed, nanos.get()));
        settle();
        passes(300_000);
        holds(() -> told.size() == 1);
        assertThat(told.getFirst().reason()).isEqualTo("receipt: sent, applied 1, sent 1, silent 0, unreachable 0");
        assertThat(details(0).text("outcome")).isEqualTo("sent");
        assertThat(details(0).whole("sent", 0, 9)).isEqualTo(1);
        assertThat(details(0).json("exceptions").text())
                .isEqualTo("[{\"service\":\"page\",\"instance\":\"page-1\",\"state\":\"sent\"}]");
        books.note(() -> receipts.confirmed(page.key(), killed, nanos.get()));
        settle();
        passes(3_000);
        holds(() -> told.size() == 2);
        assertThat(told.getLast().reason())
                .isEqualTo("receipt: proven, applied 1, confirmed 1, silent 0, unreachable 0");
    }

    @Test
    void of_nobody_the_node_on_duty_speaks() {
        onDuty = false;
        killed();
        passes(400_000);
        assertThat(told).isEmpty();
        onDuty = true;
        passes(1_000);
        holds(() -> told.size() == 1);
        assertThat(details(0).text("outcome")).isEqualTo("nobody-live");
    }

    @Test
    void who_has_nobody_to_name_leaves_it_to_those_who_have() {
        killed();
        Event.Observed word = Words.last(
                        new Receipt(kill(), Instant.EPOCH, 0),
                        new LastWord(1, "proven", Instant.EPOCH, "digest", 0),
                        KillReceipts.Held.of(Set.of("pay")),
                        version -> {})
                .event();
        Entry entry = new Entry(
                "kill.receipt",
                "node:other",
                Instant.EPOCH,
                "receipt: proven",
                Optional.empty(),
                "c",
                Map.of(),
                List.of(word));
        receipts.publish(
                new Publication(image, image(2), LedgerPosition.START, List.of(new History.Recorded(2, entry)), false));
        settle();
        passes(400_000);
        assertThat(told).isEmpty();
    }

    @Test
    void who_has_somebody_to_name_does_so_whoever_is_on_duty() {
        onDuty = false;
        killed(there(SHOP, true));
        passes(300_000);
        holds(() -> told.size() == 1);
    }

    @Test
    void at_the_deadline_it_names_who_is_missing_and_says_later_that_it_was_proven() {
        killed(there(SHOP, true), there(CART, true));
        acks(SHOP);
        passes(299_999);
        assertThat(told).isEmpty();
        passes(1);
        holds(() -> told.size() == 1);
        assertThat(details(0).text("outcome")).isEqualTo("partial");
        assertThat(details(0).json("exceptions").text())
                .isEqualTo("[{\"service\":\"cart\",\"instance\":\"cart-1\",\"state\":\"silent\"}]");
        acks(CART);
        passes(3_000);
        holds(() -> told.size() == 2);
        assertThat(details(1).text("outcome")).isEqualTo("proven");
        assertThat(told)
                .extracting(Observation::once)
                .containsExactly("receipt/" + KILL + "/1", "receipt/" + KILL + "/2");
        holds(() -> receipts.document(KILL, 2).isPresent());
        assertThat(digest(1)).isEqualTo(details(0).text("digest"));
        assertThat(digest(0)).isEqualTo(details(1).text("digest"));
        assertThat(receipts.document(KILL, 3)).isEmpty();
    }

    @Test
    void a_restart_says_nothing_twice_and_loses_nothing() {
        killed(there(SHOP, true));
        acks(SHOP);
        passes(3_000);
        holds(() -> told.size() == 1);
        Observation before = told.getFirst();
        told.clear();
        restart();
        holds(() -> told.size() == 1);
        assertThat(told.getFirst().once())
                .as("it may not have reached the ledger")
                .isEqualTo(before.once());
        assertThat(details(0).text("digest"))
                .isEqualTo(Fields.lenient(before.event().details()).text("digest"));
        assertThat(digest(0)).isEqualTo(details(0).text("digest"));
        told.getFirst().written().accept(7);
        settle();
        holds(() -> receipt().object("final").has("version"));
        told.clear();
        // Closing saves what changed last.
        restart();
        publish(image, image(1));
        receipts.show(KILL);
        passes(600_000);
        assertThat(told).isEmpty();
        assertThat(receipt().object("final").whole("version", 1, 9)).isEqualTo(7);
    }

    @Test
    void what_the_deadline_said_is_told_in_the_same_words_after_a_restart() {
        killed(there(SHOP, true), there(CART, true));
        acks(SHOP);
        passes(300_000);
        holds(() -> told.size() == 1);
        String before = told.getFirst().event().toJson().text();
        told.clear();
        restart();
        holds(() -> told.size() == 1);
        assertThat(told.getFirst().event().toJson().text())
                .as("who was silent is unreachable now, and the document says silent")
                .isEqualTo(before);
    }

    @Test
    void an_alarm_that_may_not_have_reached_the_ledger_is_raised_again() {
        killed(there(SHOP, true));
        acks(SHOP);
        reports(SHOP, true, "on", 1);
        assertThat(told).hasSize(1);
        passes(3_000);
        holds(() -> told.size() == 2);
        told.clear();
        restart();
        holds(() -> told.size() == 2);
        Observation alarm = told.stream()
                .filter(one -> one.type().equals("kill.relapse"))
                .findFirst()
                .orElseThrow();
        told.forEach(one -> one.written().accept(7));
        settle();
        assertThat(alarm.once()).isEqualTo("relapse/" + KILL + "/1");
        told.clear();
        restart();
        receipts.show(KILL);
        settle();
        assertThat(told).isEmpty();
    }

    @Test
    void what_a_node_further_on_knew_is_no_relapse_here() {
        killed(there(SHOP, true));
        acks(SHOP);
        Frame.Report ahead = new Frame.Report(
                List.of(new Frame.Exposures(9, List.of(KILL), Map.of("pay", Map.of("on", 1L)))), Map.of());
        books.note(() -> receipts.reported(SHOP.key(), ahead, nanos.get()));
        settle();
        assertThat(told).isEmpty();
        assertThat(receipt().object("relapses").whole("count", 0, 9)).isZero();
    }

    @Test
    void numbers_that_nobody_can_have_counted_cost_no_receipt() {
        killed(there(SHOP, true));
        acks(SHOP);
        reports(SHOP, true, "on", Long.MAX_VALUE);
        reports(SHOP, true, "on", Long.MAX_VALUE);
        reports(SHOP, false, "on", Long.MAX_VALUE);
        reports(SHOP, false, "on", Long.MAX_VALUE);
        assertThat(receipt().object("relapses").whole("count", 0, Long.MAX_VALUE))
                .isEqualTo(Long.MAX_VALUE);
        restart();
        assertThat(receipt().object("inFlight").whole("count", 0, Long.MAX_VALUE))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void many_receipts_that_close_at_once_all_say_their_last_word() {
        present.add(there(SHOP, true));
        List<StandingKill> kills = new ArrayList<>();
        for (int i = 1; i <= 500; i++) {
            Kill kill = kill().signed().kill();
            Kill other = new Kill(
                    new KillId("9f86d081", i),
                    kill.environment(),
                    kill.target(),
                    kill.flags(),
                    kill.audience(),
                    kill.services(),
                    kill.regions(),
                    kill.reason(),
                    kill.actor(),
                    kill.origin(),
                    kill.at(),
                    kill.node(),
                    kill.request());
            kills.add(new StandingKill(new SignedKill(other.toJson().text(), "signed", other), other.flags()));
        }
        receipts.onKills(PRODUCTION, kills);
        settle();
        Frame.Ack all = new Frame.Ack(
                new Frame.Held(new Provenance("ledger", 1, 1), "digest"),
                kills.stream().map(StandingKill::id).toList(),
                0);
        books.note(() -> receipts.acked(SHOP.key(), all, nanos.get()));
        settle();
        passes(3_000);
        holds(() -> told.size() == 500);
        assertThat(told).extracting(Observation::once).doesNotHaveDuplicates();
    }

    @Test
    void a_document_of_ten_thousand_members_is_kept_and_told_by_its_digest() {
        for (int i = 0; i < 10_000; i++) {
            present.add(there(instance("shop", "shop-" + i), true));
        }
        receipts.onKills(PRODUCTION, List.of(kill()));
        settle();
        for (Presence.Present one : List.copyOf(present)) {
            books.note(() -> receipts.acked(
                    one.instance().key(),
                    new Frame.Ack(new Frame.Held(new Provenance("ledger", 1, 1), "digest"), List.of(KILL), 0),
                    nanos.get()));
        }
        settle();
        passes(3_000);
        holds(() -> told.size() == 1);
        assertThat(told.getFirst().event().toJson().utf8().length).isLessThan(100_000);
        assertThat(digest(0)).isEqualTo(details(0).text("digest"));
    }

    private String digest(int number) {
        return Sha256.hex(receipts.document(KILL, number).orElseThrow());
    }
}

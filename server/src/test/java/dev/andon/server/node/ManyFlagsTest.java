package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Invariants;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kill of as many flags as there may be goes the whole way: journal, wire, ledger, and a restart at each step. */
class ManyFlagsTest {
    /** So many fit into one entry. */
    private static final int ENTRY = 5_000;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int SMALL = 4_000;

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<StandingKill> sent = Collections.synchronizedList(new ArrayList<>());
    private int flags;
    private FaultyStore store;
    private AndonNode node;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void moreFlagsThanAKillLists() throws Exception {
        goTheWholeWay(Kill.MAX_LISTED_CHARS / 10);
    }

    @Test
    @Tag("nightly")
    void asManyFlagsAsThereMayBe() throws Exception {
        goTheWholeWay(Invariants.MAX_FLAGS);
    }

    private void goTheWholeWay(int number) throws Exception {
        flags = number;
        start(FaultyStore.Mode.WORKING);
        createFlags();
        awaitImageSaved();
        HeldState client = snapshot(node.image());
        store.mode(FaultyStore.Mode.HANGING);

        List<StandingKill> kills = List.of(kill(new Target.Everything()), kill(new Target.Tagged("vendor:x")));
        assertThat(sent).containsExactlyElementsOf(kills);
        for (StandingKill kill : kills) {
            assertThat(kill.held(node.image())).hasSize(flags);
            assertThat(kill.signed().body()).hasSizeLessThan(SMALL);
            byte[] frame = FrameCodec.encode(new Frame.Kills(List.of(kill)));
            assertThat(frame).hasSizeLessThan(SMALL);
            HeldState stopped = client.apply((Frame.Kills) FrameCodec.decode(frame, FrameCodec.FROM_SERVER))
                    .next();
            assertAllKilled(Ruleset.of(stopped.image(), "production").withKills(stopped.carried()));
        }

        restart(FaultyStore.Mode.REFUSING);
        assertThat(node.kills().pending()).hasSize(2);
        node.kills()
                .pending()
                .values()
                .forEach(kill -> assertThat(kill.held(node.image())).hasSize(flags));

        store.mode(FaultyStore.Mode.WORKING);
        for (StandingKill kill : kills) {
            await().atMost(PATIENCE).until(() -> node.image().marks().covers(kill.id()));
        }
        restart(FaultyStore.Mode.WORKING);
        for (StandingKill kill : kills) {
            StandingKill settled = node.kills().standing(kill.id()).orElseThrow();
            assertThat(settled.held(node.image())).hasSize(flags);
            assertThat(settled.flags()).isEmpty();
        }
        assertAllKilled(Ruleset.of(node.image(), "production"));
    }

    private void assertAllKilled(Ruleset ruleset) {
        for (int i = 0; i < flags; i++) {
            Evaluation evaluation = ruleset.evaluate(key(i), Context.EMPTY);
            if (evaluation.reason() != Reason.KILLED) {
                throw new AssertionError(key(i) + ": " + evaluation);
            }
        }
    }

    private StandingKill kill(Target target) {
        KillRequest request = new KillRequest(
                "production", target, Optional.empty(), List.of(), List.of(), Origin.HUMAN, Optional.empty());
        KillAnswer.Rehearsed seen = (KillAnswer.Rehearsed) node.kill(request, context(true));
        assertThat(seen.flags()).hasSize(flags);
        KillRequest confirmed = new KillRequest(
                "production",
                target,
                Optional.empty(),
                List.of(),
                List.of(),
                Origin.HUMAN,
                Optional.of(seen.confirmation().token()));
        KillAnswer.Standing answer = (KillAnswer.Standing) node.kill(confirmed, context(false));
        // A disk that has an image of so many flags to write may take longer than a kill waits for it.
        await().atMost(PATIENCE).until(() -> node.durable(answer.kill().id()));
        return answer.kill();
    }

    private static HeldState snapshot(Image image) {
        var environment = image.environment("production").orElseThrow();
        return HeldState.EMPTY
                .apply(new Frame.Snapshot(
                        image.provenance().at(environment.version()),
                        environment.digest().toString(),
                        image.events(environment),
                        List.of()))
                .next();
    }

    /** Beside the node, as no API would let so many in at once. */
    private void createFlags() throws Exception {
        Configuration configuration = new Configuration(
                Map.of("on", Json.of(true), "off", Json.of(false)),
                "off",
                true,
                List.of(),
                List.of(),
                new Serve.Fixed("on"),
                new WhenBlind.Keep());
        for (int from = 0; from < flags; from += ENTRY) {
            List<Event> events = new ArrayList<>();
            for (int i = from; i < Math.min(flags, from + ENTRY); i++) {
                events.add(new Event.FlagSaved(new Flag(
                        key(i),
                        FlagKind.RELEASE,
                        ValueType.BOOLEAN,
                        "team",
                        "",
                        new TreeSet<>(List.of("vendor:x")),
                        OptionalInt.empty(),
                        false)));
                events.add(new Event.ConfigurationSaved("production", key(i), configuration));
            }
            LedgerHead head = store.head();
            store.append(
                    new LedgerPosition(head.version(), head.hash()),
                    List.of(new Entry(
                                    "flag.create",
                                    "ann",
                                    Instant.EPOCH,
                                    "many",
                                    Optional.empty(),
                                    "c",
                                    Map.of(),
                                    events)
                            .encode()));
        }
        await().atMost(PATIENCE).until(() -> node.image().flags().size() == flags);
    }

    /** A node that starts without its store knows no more than what it has saved. */
    private void awaitImageSaved() {
        long version = node.image().provenance().version();
        await().atMost(PATIENCE).until(() -> {
            try (InputStream file = Files.newInputStream(folder.resolve("node/image"))) {
                String head = new String(file.readNBytes(400), StandardCharsets.ISO_8859_1);
                return head.contains("\"version\":" + version + "}");
            }
        });
    }

    private static String key(int i) {
        return "a-flag-with-a-name-of-usual-length-" + i;
    }

    private void restart(FaultyStore.Mode mode) throws Exception {
        open.removeLast().close();
        open.removeLast().close();
        start(mode);
    }

    private void start(FaultyStore.Mode mode) throws Exception {
        Path directory = Files.createDirectories(folder.resolve("node"));
        LedgerStore sqlite = LedgerStores.openFile(
                folder.resolve("ledger.db"),
                StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(20)),
                new SecureRandom());
        store = new FaultyStore(sqlite);
        open.add(store);
        store.mode(mode);
        node = AndonNode.start(new AndonNode.Parts(
                directory,
                store,
                new NodeLimits(60_000, 200, 20, 60_000, 100, 1_000_000),
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                List.of(),
                List.of((environment, kills) -> sent.addAll(kills))));
        open.add(node);
    }

    private static CommandContext context(boolean dryRun) {
        return new CommandContext("tester", "because", "c", Optional.empty(), dryRun);
    }
}

package dev.andon.server.rollback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Event;
import dev.andon.core.image.Dependents;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.server.ServerFixture;
import dev.andon.server.StreamClient;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KillRequest;
import dev.andon.server.node.NodeLimits;
import dev.andon.server.receipt.Deadlines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A whole environment goes back on a real server with its SQLite file, over HTTP, with a client that is told. */
final class WholeRollbackAcceptanceTest {
    private static final Logger log = LoggerFactory.getLogger(WholeRollbackAcceptanceTest.class);
    private static final String ENVIRONMENT = "production";
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @TempDir
    private Path folder;

    private final Random random = new Random(22);
    private RandomRules rules;
    private ControlPlane plane;
    private int flags;

    @Test
    void aHundredFlagsGoBackAsTheyWere() {
        check(100, 400);
    }

    @Test
    @Tag("nightly")
    void aThousandFlagsGoBackOverTenThousandEntriesInTwoSeconds() {
        check(1_000, 10_000);
    }

    private void check(int count, int entries) {
        flags = count;
        rules = new RandomRules(random, count, this::safeOf);
        try (ServerFixture server = new ServerFixture(folder)
                // Versions are counted one by one: no receipt speaks in between.
                .with(config -> config.withReceipts(new Deadlines(3_600_000, 3_600_000)))
                .with(config -> config.withNode(NodeLimits.DEFAULT))
                .start()) {
            plane = server.server().controlPlane();
            assertThat(server.key()).as("issued before what is counted").isNotEmpty();
            begin();
            long then = version();
            Map<String, List<String>> evaluations = evaluations();
            while (version() < then + entries - 3) {
                change();
            }
            List<StandingKill> standing = killThree();
            long before = version();
            assertThat(before - then).as("entries in between").isGreaterThanOrEqualTo(entries);
            StreamClient client = server.client("shop", "shop-1");
            await().until(() -> client.state().image().provenance().version() == before);
            int frames = client.received().size();

            String time = timeOf(server, then);
            long startNanos = System.nanoTime();
            Fields moment = get(server, "/moments/" + time);
            long foundNanos = System.nanoTime();
            assertThat(moment.whole("version", 1, Long.MAX_VALUE)).isEqualTo(then);
            ServerFixture.Answer rehearsed = rollBack(server, then, "?dryRun=true");
            assertThat(rehearsed.status()).isEqualTo(200);
            long rehearsedNanos = System.nanoTime();
            ServerFixture.Answer done = rollBack(server, then, "");
            long doneNanos = System.nanoTime();

            assertThat(done.status()).as(done.body().text()).isEqualTo(201);
            assertThat(version()).isEqualTo(before + 1);
            assertThat(plane.kills().standing(ENVIRONMENT)).isEqualTo(standing);
            checkEvaluations(evaluations, done.fields(), standing);
            await().until(() -> client.state().image().provenance().version() == before + 1);
            List<Frame> told =
                    client.received().subList(frames, client.received().size());
            assertThat(told.stream().filter(frame -> !(frame instanceof Frame.Ping)))
                    .as("one version to clients")
                    .hasSize(1);
            int bytes = plane.history()
                    .entries(before + 1, before + 1)
                    .getFirst()
                    .entry()
                    .encode()
                    .length;
            log.info(
                    "rollback of {} flags over {} entries: {} ms; its dry run {} ms, finding the time {} ms; {} flags"
                            + " changed, an entry of {} bytes",
                    count,
                    before - then,
                    (doneNanos - rehearsedNanos) / 1_000_000,
                    (rehearsedNanos - foundNanos) / 1_000_000,
                    (foundNanos - startNanos) / 1_000_000,
                    done.fields().texts("flags").size(),
                    bytes);
            assertThat(Duration.ofNanos(doneNanos - rehearsedNanos))
                    .as("from the request to the answer")
                    .isLessThan(LIMIT);
        }
    }

    private static String timeOf(ServerFixture server, long version) {
        return get(server, "/moments/" + version).text("at");
    }

    private static Fields get(ServerFixture server, String path) {
        ServerFixture.Answer answer = server.get(path);
        assertThat(answer.status()).as(answer.body().text()).isEqualTo(200);
        return answer.fields();
    }

    private static ServerFixture.Answer rollBack(ServerFixture server, long to, String query) {
        return server.post(
                "/environments/production/rollbacks" + query,
                Json.object().put("whole", true).put("to", to).put("reason", "back to the good day"));
    }

    private long version() {
        return plane.image().provenance().version();
    }

    private Map<String, List<String>> evaluations() {
        Ruleset ruleset = Ruleset.of(plane.image(), ENVIRONMENT);
        Map<String, List<String>> evaluations = new HashMap<>();
        for (int i = 0; i < flags + flags / 10; i++) {
            List<String> shown = new ArrayList<>();
            for (Context context : RandomHistory.contexts()) {
                shown.add(RollbackPropertyTest.shown(ruleset.evaluate("f" + i, context)));
            }
            evaluations.put("f" + i, shown);
        }
        return evaluations;
    }

    /** All flags evaluate as they did, but those that the kills stop, directly or as prerequisites. */
    private void checkEvaluations(Map<String, List<String>> then, Fields done, List<StandingKill> standing) {
        TreeSet<String> stopped = new TreeSet<>();
        standing.forEach(kill -> stopped.addAll(kill.flags()));
        Image image = plane.image();
        TreeSet<String> touched = new TreeSet<>(
                new Dependents(image.environment(ENVIRONMENT).orElseThrow()).reachedFlags(stopped, List.of()));
        assertThat(done.items("skipped"))
                .isNotEmpty()
                .allSatisfy(
                        item -> assertThat(Fields.lenient(item).text("flag")).isIn(touched));
        Map<String, List<String>> now = evaluations();
        assertThat(now.keySet()).isEqualTo(then.keySet());
        now.keySet().removeAll(touched);
        then.keySet().removeAll(touched);
        assertThat(now.size()).isGreaterThan(flags * 9 / 10);
        assertThat(now).isEqualTo(then);
    }

    private void begin() {
        for (int i = 0; i < RandomRules.SEGMENTS; i++) {
            write(List.of(segment(i)));
        }
        for (int i = 0; i < flags; i += 100) {
            List<Event> events = new ArrayList<>();
            for (int j = i; j < i + 100; j++) {
                events.add(new Event.FlagSaved(RandomRules.flag("f" + j)));
                events.add(configured(j, rules.configuration(List.of(), List.of(), new Serve.Fixed("a"), true)));
            }
            write(events);
        }
        for (int i = 0; i < flags; i++) {
            write(List.of(configured(i, rules.configuration(i))));
        }
    }

    private static Event configured(int flag, Configuration configuration) {
        return new Event.ConfigurationSaved(ENVIRONMENT, "f" + flag, configuration);
    }

    private Event segment(int number) {
        return new Event.SegmentSaved(ENVIRONMENT, new Segment("s" + number, "", rules.condition(number, 2)));
    }

    /** Mostly configurations; flags come and go, segments change, features are stopped and restored. */
    private void change() {
        int flag = random.nextInt(flags);
        String key = "f" + flag;
        Optional<Flag> known = plane.image().flag(key);
        int what = random.nextInt(100);
        if (what < 80) {
            known.ifPresent(there -> write(List.of(configured(flag, rules.configuration(flag)))));
        } else if (what < 85) {
            known.ifPresent(there -> write(List.of(new Event.FlagSaved(there.archive()))));
        } else if (what < 88) {
            String late = "f" + (flags + random.nextInt(flags / 10));
            List<Event> events = new ArrayList<>();
            if (plane.image().flags().get(late) == null) {
                events.add(new Event.FlagSaved(RandomRules.flag(late)));
            }
            events.add(new Event.ConfigurationSaved(ENVIRONMENT, late, rules.configuration(flag)));
            write(events);
        } else if (what < 94) {
            write(List.of(segment(random.nextInt(RandomRules.SEGMENTS))));
        } else if (known.isPresent()) {
            kill(key);
            plane.kills().holding(ENVIRONMENT, key).stream()
                    .<Event>map(kill -> new Event.KillRestored(ENVIRONMENT, kill.id()))
                    .forEach(event -> write(List.of(event)));
        }
    }

    /** What the rules refuse isn't written. */
    private void write(List<Event> events) {
        try {
            plane.execute((image, kills, now) -> Decision.of("change", events, done -> done), context());
        } catch (InvalidInput refused) {
            // The rules that every image keeps.
        }
    }

    private static CommandContext context() {
        return new CommandContext("test", "random", "c", Optional.empty(), false);
    }

    /** Settled in the ledger when it returns. */
    private void kill(String flag) {
        plane.kill(
                new KillRequest(
                        ENVIRONMENT, new Target.OneFlag(flag), Optional.empty(), List.of(), List.of(), Origin.HUMAN),
                context());
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> plane.kills().pending().isEmpty());
    }

    /** Of flags whose safe variants changed, so that the kills pin them; of the last ones, which few others require. */
    private List<StandingKill> killThree() {
        List<String> killed = new ArrayList<>();
        for (int i = flags - 1; killed.size() < 3 && i >= 0; i--) {
            String key = "f" + i;
            if (plane.image().flag(key).isPresent()) {
                int number = i;
                Configuration last = rules.configuration(List.of(), List.of(), new Serve.Fixed("a"), true);
                Map<String, Json> variants = new HashMap<>(last.variants());
                variants.put("pinned", Json.of("pinned " + number));
                write(List.of(configured(
                        number,
                        new Configuration(
                                variants,
                                "pinned",
                                true,
                                List.of(),
                                List.of(),
                                last.fallThrough(),
                                last.whenBlind()))));
                if (configurationOf(key).safeVariant().equals("pinned")) {
                    kill(key);
                    killed.add(key);
                }
            }
        }
        assertThat(killed).hasSize(3);
        return plane.kills().standing(ENVIRONMENT);
    }

    private Optional<String> safeOf(String flag) {
        return plane.image()
                .environment(ENVIRONMENT)
                .map(environment -> environment.configurations().get(flag))
                .map(configuration -> configuration.value().safeVariant());
    }

    private Configuration configurationOf(String flag) {
        return plane.image()
                .environment(ENVIRONMENT)
                .orElseThrow()
                .configurations()
                .get(flag)
                .value();
    }
}

package dev.andon.cli.demo;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Sets the stage for the story, has it told, and clears everything away. Used by one thread. */
public final class Demo {
    private static final List<String> SERVICES = List.of("frontend", "checkout", "payment");
    private static final List<String> REGIONS = List.of("eu-west", "us-east", "eu-west");
    private static final int INSTANCES = 4;
    private static final int REQUESTS_PER_SECOND = 50;
    private static final String FLAGS = "otel-demo.flagd.json";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration FOREVER = Duration.ofDays(10_000);

    /** A server that was started for the story. */
    public interface Server extends AutoCloseable {
        URI address();

        /** The admin token. */
        String token();

        /** Where flagd's clients have flags evaluated, as {@code host:port}. */
        String flagdEvaluation();

        /** Where flagd's in-process clients get their flags. */
        String flagdSync();

        @Override
        void close();
    }

    /** What the story needs from outside. */
    public interface Andon {
        /** Starts a server on the embedded store, with its data in this directory. */
        Server start(Path directory);

        /** Runs a command as someone would type it; gives its exit code. */
        int run(Server server, Place place, List<String> words);
    }

    /** Where a command is typed. */
    public record Place(Path directory, PrintStream out, PrintStream err) {}

    private final Curtain curtain;
    private final PrintStream out;
    private final PrintStream err;
    private final Screen screen;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Andon andon;
    private final Measured measured = new Measured();

    /**
     * @param out where the story is told
     * @param err what commands complain of
     */
    public Demo(
            PrintStream out,
            PrintStream err,
            Terminal terminal,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random,
            Andon andon) {
        this.curtain = new Curtain(out);
        this.out = curtain.before(out);
        this.err = curtain.before(err);
        this.screen = new Screen(this.out, terminal);
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.random = random;
        this.andon = andon;
    }

    /**
     * Tells the story. Throws {@link DemoFailure} where it doesn't go as it should; not where it is interrupted, as all that
     * fails then fails because everything is being cleared away.
     *
     * @param told gets what was measured and, if it goes on, where the server is
     * @param keep goes on after the story until the process is interrupted
     */
    public void run(boolean keep, Consumer<Json> told) {
        try (Stage stage = new Stage(curtain)) {
            play(stage, keep, told);
        } catch (RuntimeException e) {
            screen.end();
            if (!curtain.isFallen()) {
                throw e;
            }
        }
    }

    private void play(Stage stage, boolean keep, Consumer<Json> told) {
        long began = nanoTime.getAsLong();
        screen.chapter("A server and a small shop");
        Path directory = stage.directory();
        Server server = stage.add(() -> andon.start(directory.resolve("server")));
        screen.say("Server at " + server.address() + ", its ledger in " + directory + ", started in "
                + Times.shown(since(began)) + ".");
        ApiClient api = stage.add(() -> new ApiClient(
                new ApiClient.Settings(
                        List.of(server.address()), server.token(), Optional.empty(), CONNECT_TIMEOUT, ANSWER_TIMEOUT),
                random));
        Traffic traffic = new Traffic();
        Fleet fleet = stage.add(() -> new Fleet(traffic, directory));
        Pulse pulse = new Pulse(screen, traffic, fleet, clock, nanoTime);
        Place place = new Place(directory, out, err);
        Commands commands = words -> {
            screen.typed(words);
            return andon.run(server, place, words);
        };
        Story story = new Story(screen, commands, api, traffic, pulse, clock, measured);
        long opened = stage.use(() -> open(fleet, server, story.key(), directory));
        story.prepare(stage.use(() -> flags(directory)));
        story.open(SERVICES.size() * INSTANCES, opened);
        story.tell();
        summary(since(began));
        Json.Builder document = measured.document().put("tookMs", since(began).toMillis());
        if (keep) {
            document.put("server", server.address().toString()).put("token", server.token());
        }
        told.accept(document.build());
        if (keep) {
            keep(server, pulse);
        }
    }

    /** Starts the services; gives the moment in which it did. */
    private long open(Fleet fleet, Server server, String key, Path directory) {
        long now = Moments.now(clock);
        for (int i = 0; i < SERVICES.size(); i++) {
            fleet.start(new Plan(
                    server.address().toString(),
                    key,
                    SERVICES.get(i),
                    REGIONS.get(i),
                    INSTANCES,
                    REQUESTS_PER_SECOND,
                    directory.toString()));
        }
        screen.say(
                "Three services start, each as a process of its own: " + String.join(", ", SERVICES) + ". Each holds "
                        + INSTANCES + " instances of the SDK, and each of these serves " + REQUESTS_PER_SECOND
                        + " requests per second.");
        return now;
    }

    private void summary(Duration took) {
        screen.chapter("Measured");
        measured.lines().forEach(screen::say);
        screen.say("");
        screen.say(Paint.GOOD, "All of it took " + Times.shown(took) + ".");
    }

    private void keep(Server server, Pulse pulse) {
        screen.chapter("Your turn");
        screen.say("The shop stays open until Ctrl-C. In another terminal:");
        screen.say("");
        screen.say("  export ANDON_SERVER=" + server.address());
        screen.say("  export ANDON_TOKEN=" + server.token());
        screen.say("  andon instances --env production");
        screen.say("  andon flag set paymentFailure --env production --serve 50% \\");
        screen.say("      --reason \"let half of the payments fail\"");
        screen.say("  andon kill paymentFailure --env production --wait 10s \\");
        screen.say("      --reason \"seen enough\"");
        screen.say("");
        screen.say("flagd's clients may join: evaluation at " + server.flagdEvaluation() + ", sync at "
                + server.flagdSync() + ".");
        screen.say("");
        pulse.watch(FOREVER);
    }

    private Duration since(long beganNanos) {
        return Duration.ofNanos(nanoTime.getAsLong() - beganNanos);
    }

    /** The OpenTelemetry demo's flags as a file, as a person would have them. */
    private static String flags(Path directory) {
        Path file = directory.resolve(FLAGS);
        try (InputStream in = Objects.requireNonNull(Demo.class.getResourceAsStream(FLAGS))) {
            Files.copy(in, file);
            return FLAGS;
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
        }
    }
}

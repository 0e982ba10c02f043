package dev.andon.cli.demo;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import dev.andon.cli.text.Times;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

        @Override
        void close();
    }

    /** What the story needs from outside. */
    public interface Andon {
        /** Starts a server on the embedded store, with its data in this directory. */
        Server start(Path directory);

        /** Runs a command as someone would type it in that directory; it prints where the story does. Gives its exit code. */
        int run(Server server, Path directory, List<String> words);
    }

    private final Screen screen;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Andon andon;

    public Demo(
            PrintStream out,
            Terminal terminal,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random,
            Andon andon) {
        this.screen = new Screen(out, terminal);
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.random = random;
        this.andon = andon;
    }

    /**
     * Tells the story and gives the command's exit code.
     *
     * @param keep goes on after the story until the process is interrupted
     */
    public int run(boolean keep) {
        Stage stage = new Stage();
        try (stage) {
            play(stage, keep);
            return 0;
        } catch (DemoFailure e) {
            if (!stage.interrupted()) {
                screen.say(Paint.BAD, "The story ends here: " + e.getMessage());
            }
            return e.exitCode();
        }
    }

    private void play(Stage stage, boolean keep) {
        long began = nanoTime.getAsLong();
        screen.chapter("A server and a small shop");
        Path directory = stage.directory();
        Server server = stage.add(andon.start(directory.resolve("server")));
        screen.say("Server at " + server.address() + ", its ledger in " + directory + ", started in " + since(began)
                + ".");
        ApiClient api = stage.add(new ApiClient(
                new ApiClient.Settings(
                        List.of(server.address()), server.token(), Optional.empty(), CONNECT_TIMEOUT, ANSWER_TIMEOUT),
                random));
        Traffic traffic = new Traffic();
        Fleet fleet = stage.add(new Fleet(traffic, directory));
        Pulse pulse = new Pulse(screen, traffic, fleet, clock, nanoTime);
        Commands commands = words -> {
            screen.typed(words);
            return andon.run(server, directory, words);
        };
        Story story = new Story(screen, commands, api, traffic, pulse, clock);
        long opened = open(fleet, server, story.key(), directory);
        story.prepare(flags(directory));
        story.open(SERVICES.size() * INSTANCES, opened);
        story.tell();
        summary(story.measured(), began);
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

    private void summary(Map<String, String> measured, long began) {
        screen.chapter("Measured");
        int width = measured.keySet().stream().mapToInt(String::length).max().orElse(0);
        measured.forEach((what, value) -> screen.say(what + " ".repeat(width - what.length()) + "   " + value));
        screen.say("");
        screen.say(Paint.GOOD, "All of it took " + since(began) + ".");
    }

    private void keep(Server server, Pulse pulse) {
        screen.chapter("Your turn");
        screen.say("The shop stays open until Ctrl-C. In another terminal:");
        screen.say("");
        screen.say("  export ANDON_SERVER=" + server.address());
        screen.say("  export ANDON_TOKEN=" + server.token());
        screen.say("  andon instances --env production");
        screen.say("  andon flag set paymentFailure --env production --serve 50% --reason \"let half of the payments"
                + " fail\"");
        screen.say("  andon kill paymentFailure --env production --reason \"seen enough\" --wait 10s");
        screen.say("");
        pulse.watch(FOREVER);
    }

    private String since(long beganNanos) {
        return Times.shown(Duration.ofNanos(nanoTime.getAsLong() - beganNanos));
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

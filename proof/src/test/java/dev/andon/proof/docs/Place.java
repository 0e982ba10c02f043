package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.Andon;
import dev.andon.cli.Shell;
import dev.andon.cli.Understanding;
import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Child;
import dev.andon.proof.harness.Logs;
import dev.andon.proof.harness.Postgres;
import dev.andon.sdk.AndonOptions;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.receipt.Deadlines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Where a page's commands are typed: a folder with the page's files, a server of its own with three live instances, and an
 * administrator's token. The page's addresses, folders and certificates stand for real ones.
 */
final class Place implements AutoCloseable {
    private static final Duration READY = Duration.ofMinutes(2);

    /** Pages show versions in a row: no receipt speaks in between. */
    private static final Deadlines LATER = new Deadlines(3_600_000, 3_600_000);

    private static final List<String> INSTANCES = List.of("cart-1", "checkout-1", "checkout-2");

    /** What the command line reads, so that a page that exports something else is wrong. */
    private static final Set<String> VARIABLES = Set.of("ANDON_SERVER", "ANDON_TOKEN", "ANDON_DATA", "ANDON_CACERT");

    private final Path directory;
    private final AndonServer server;
    private final Map<String, String> environment;
    private final String sdkKey;
    private final Sample sample = new Sample();
    private final List<Runnable> open = new ArrayList<>();
    private Optional<Postgres> postgres = Optional.empty();
    private int servers;

    private record Printed(int exitCode, String out, String err) {
        String text() {
            return out + err;
        }
    }

    Place(Path directory) throws Exception {
        this.directory = directory;
        this.server = AndonServer.start(ServerConfig.in(directory.resolve("data"))
                .withAddress("127.0.0.1", 0)
                .withReceipts(LATER));
        open.add(server::close);
        this.environment = Map.of("ANDON_SERVER", server.uri().toString(), "ANDON_DATA", "data");
        this.sdkKey = key();
        connect();
    }

    AndonServer server() {
        return server;
    }

    String adminToken() throws IOException {
        return Files.readString(server.adminTokenFile()).strip();
    }

    private void connect() throws InterruptedException {
        for (String name : INSTANCES) {
            dev.andon.sdk.Andon andon = dev.andon.sdk.Andon.connect(AndonOptions.builder()
                    .server(server.uri())
                    .key(sdkKey)
                    .service(name.substring(0, name.indexOf('-')))
                    .instance(name)
                    .region("eu-west")
                    .build());
            open.add(andon::close);
            assertThat(andon.awaitReady(READY)).isTrue();
        }
    }

    /** A key for SDKs of production. */
    String sdkKey() {
        return sdkKey;
    }

    private String key() {
        List<String> words = List.of(
                "token", "create", "shop", "--role", "sdk", "--env", "production", "--reason", "docs", "--json");
        Json answer = Json.parse(andon(words).text().getBytes(StandardCharsets.UTF_8));
        return Fields.lenient(answer).text("secret");
    }

    /** Does what a block shows, if it shows something to do. */
    void run(Page.Block block) throws Exception {
        if (block.role().equals("file")) {
            Files.writeString(directory.resolve(block.name()), block.text());
        } else if (block.language().equals("console")) {
            for (Step step : Step.of(block)) {
                run(step);
            }
        } else if (block.language().equals("sh")) {
            // For a day that can't be made here; carried out by tests of its own.
            for (Step step : Step.of(block)) {
                if (step.isAndon()) {
                    Understanding.require(
                            shell(out(), out()),
                            step.words().subList(1, step.words().size()));
                }
            }
        } else if (block.language().equals("http")) {
            new Exchange(block).check(server.uri(), adminToken(), sample);
        }
    }

    private void run(Step step) throws Exception {
        List<String> words = step.words();
        switch (words.getFirst().replaceFirst("^.*/", "")) {
            case "andon" -> andon(step, words.subList(1, words.size()));
            case "export" ->
                assertThat(VARIABLES).as(step.described()).contains(words.get(1).split("=", 2)[0]);
            case "sqlite3" -> sqlite(words);
            // Carried out by OutsiderTest.
            case "python3" ->
                assertThat(Page.root().resolve("docs").resolve(words.get(1))).exists();
            // The build that runs this test.
            case "mvn" -> assertThat(words).as(step.described()).contains("verify");
            default -> throw new AssertionError(step.described() + " (expected: a command that this test can run)");
        }
    }

    private void andon(Step step, List<String> words) throws Exception {
        switch (words.getFirst()) {
            case "server" -> server(step, words);
            case "relay" -> relay(step, words);
            // Told by DemoTest.
            case "demo" -> Understanding.require(shell(out(), out()), words);
            default -> {
                List<String> real = words.stream().map(sample::translate).toList();
                int arrow = real.indexOf(">");
                Printed printed = andon(arrow < 0 ? real : real.subList(0, arrow));
                if (arrow >= 0) {
                    Files.writeString(directory.resolve(real.get(arrow + 1)), printed.out());
                }
                compare(step, printed.exitCode(), arrow < 0 ? printed.text() : printed.err());
            }
        }
    }

    private void compare(Step step, int exitCode, String printed) {
        assertThat(exitCode).as(step.described() + "\n" + printed).isEqualTo(step.exitCode());
        if (!step.shown().isEmpty()) {
            assertThat(sample.difference(step.shown(), printed.lines().toList()))
                    .as(step.described() + "\n" + printed)
                    .isEmpty();
        }
    }

    /** Starts a server as the page does, on a folder and a port of its own; ends it when it is ready. */
    void server(Step step, List<String> words) throws Exception {
        Sample real = new Sample();
        Path data = directory.resolve("server-" + ++servers);
        real.stands("/var/lib/andon", data.toString());
        real.stands("0.0.0.0", "127.0.0.1");
        real.stands("8443", "0");
        real.stands("8013", "0");
        real.stands("8015", "0");
        real.stands("8016", "0");
        real.stands("8013", "0");
        real.stands("8015", "0");
        List<String> arguments =
                new ArrayList<>(words.stream().map(real::translate).toList());
        for (String option : List.of("--tls-cert", "--tls-key", "--peer-ca")) {
            int at = arguments.indexOf(option);
            if (at >= 0) {
                Certificate certificate = Certificate.in(directory);
                arguments.set(
                        at + 1, (option.equals("--tls-key") ? certificate.key() : certificate.chain()).toString());
            }
        }
        int advertised = arguments.indexOf("--advertise");
        if (advertised >= 0) {
            // whose port isn't this server's to choose
            arguments.set(advertised + 1, words.get(advertised + 1));
        }
        int store = arguments.indexOf("--store");
        if (store >= 0) {
            arguments.set(store + 1, database(arguments.get(store + 1)));
        }
        if (!arguments.contains("--port")) {
            arguments.addAll(List.of("--port", "0"));
        }
        try (Child child = Child.start("server", Logs.directory(), List.of(), Andon.class, arguments)) {
            String line = child.awaitLine("that it is ready", 0, READY, said -> said.contains("ready"));
            assertThat(child.terminate(READY)).as(step.described()).isZero();
            if (!step.shown().isEmpty()) {
                assertThat(real.difference(step.shown(), List.of(line)))
                        .as(step.described() + "\n" + line)
                        .isEmpty();
            }
        }
    }

    /** Starts a relay of this place's server as the page does; it goes on to the page's end. */
    private void relay(Step step, List<String> words) throws Exception {
        Sample real = new Sample();
        real.stands("https://andon.example:8443", server.uri().toString());
        real.stands("/var/lib/andon", directory.resolve("relay-" + ++servers).toString());
        real.stands("0.0.0.0", "127.0.0.1");
        real.stands("8443", "0");
        List<String> arguments =
                new ArrayList<>(words.stream().map(real::translate).toList());
        Certificate certificate = Certificate.in(directory);
        put(arguments, "--upstream", server.uri().toString());
        put(arguments, "--tls-cert", certificate.chain().toString());
        put(arguments, "--tls-key", certificate.key().toString());
        put(arguments, "--peer-ca", certificate.chain().toString());
        put(arguments, "--token-file", relayToken().toString());
        List<String> asShipped = List.of("-Dlogback.configurationFile=logback.xml");
        Child child = Child.start("relay", Logs.directory(), asShipped, Andon.class, arguments);
        open.add(child::close);
        String line = child.awaitLine("that it is ready", 0, READY, said -> said.contains("ready"));
        if (!step.shown().isEmpty()) {
            assertThat(real.difference(step.shown(), List.of(line)))
                    .as(step.described() + "\n" + line)
                    .isEmpty();
        }
    }

    private static void put(List<String> arguments, String option, String value) {
        int at = arguments.indexOf(option);
        if (at >= 0) {
            arguments.set(at + 1, value);
        }
    }

    private Path relayToken() throws IOException {
        Path file = directory.resolve("relay.token");
        if (!Files.exists(file)) {
            List<String> words = List.of("token", "create", "place", "--role", "relay", "--reason", "docs", "--json");
            Json answer = Json.parse(andon(words).text().getBytes(StandardCharsets.UTF_8));
            Files.writeString(file, Fields.lenient(answer).text("secret"));
        }
        return file;
    }

    /** The page's database, with its user and no other's rights, on a real PostgreSQL. */
    private String database(String shown) {
        if (postgres.isEmpty()) {
            Postgres started = Postgres.start(directory.resolve("postgres"));
            open.add(started::close);
            started.execute("CREATE ROLE andon LOGIN PASSWORD 'secret'");
            started.execute("CREATE DATABASE andon OWNER andon");
            postgres = Optional.of(started);
        }
        String hosts = shown.substring(shown.indexOf("//") + 2, shown.indexOf("/andon"));
        String real = hosts.replaceAll("[^,]+", "127.0.0.1:" + postgres.get().port());
        return shown.replace("//" + hosts + "/", "//" + real + "/").replace("…", "secret");
    }

    /** SQLite's own backup, which its shell and its driver have alike. */
    private void sqlite(List<String> words) throws SQLException {
        String[] backup = words.get(2).split(" ", 2);
        assertThat(backup[0]).isEqualTo(".backup");
        try (Connection ledger = DriverManager.getConnection("jdbc:sqlite:" + file(words.get(1)));
                Statement statement = ledger.createStatement()) {
            statement.executeUpdate("backup to '" + file(backup[1]) + "'");
        }
    }

    private Path file(String name) {
        return directory.resolve(name.replace("/var/lib/andon", "data"));
    }

    private Printed andon(List<String> words) {
        ByteArrayOutputStream out = out();
        ByteArrayOutputStream err = out();
        String[] arguments = words.stream()
                .map(word -> word.replace("/var/lib/andon", "data"))
                .toArray(String[]::new);
        int exitCode = Andon.run(shell(out, err), arguments);
        return new Printed(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static ByteArrayOutputStream out() {
        return new ByteArrayOutputStream();
    }

    private Shell shell(ByteArrayOutputStream out, ByteArrayOutputStream err) {
        return new Shell(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                InputStream.nullInputStream(),
                environment,
                directory,
                Terminal.PLAIN,
                InstantSource.system(),
                System::nanoTime,
                new SplittableRandom());
    }

    @Override
    public void close() {
        open.reversed().forEach(Runnable::run);
    }
}

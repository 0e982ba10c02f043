package dev.andon.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that appends until it is killed, and says what was acknowledged. */
final class Victim {
    private static final PrintStream out = new PrintStream(System.out, false, UTF_8);

    private Victim() {}

    public static void main(String[] arguments) {
        Path file = Path.of(arguments[1]);
        String prefix = arguments[2];
        switch (arguments[0]) {
            case "journal" -> journal(file, prefix);
            case "sqlite" -> sqlite(file, prefix);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void acknowledge(String what) {
        out.println(what);
        out.flush();
    }

    private static void journal(Path file, String prefix) {
        Journal journal = Journal.open(file, Duration.ofSeconds(30), new SecureRandom());
        for (int i = 1; ; i++) {
            String key = prefix + "-" + i;
            journal.append(key, ("content of " + key + " ".repeat(i % 700)).getBytes(UTF_8));
            acknowledge(key);
        }
    }

    private static void sqlite(Path file, String prefix) {
        LedgerStore store = LedgerStores.openFile(
                file, StoreOptions.DEFAULTS.withCallTimeout(Duration.ofSeconds(30)), new SecureRandom());
        LedgerPosition position = store.head().position();
        for (int i = 1; ; i++) {
            List<byte[]> batch = new ArrayList<>();
            for (int part = 0; part <= i % 3; part++) {
                batch.add((prefix + "-" + i + "/" + part + " of " + (i % 3 + 1)).getBytes(UTF_8));
            }
            position = ((AppendResult.Appended) store.append(position, batch))
                    .head()
                    .position();
            acknowledge(position.version() + " " + prefix + "-" + i);
        }
    }

    /** Starts a victim, kills it -9 once it acknowledged so many, and answers all that it acknowledged. */
    static List<String> killAfter(int acknowledgements, String kind, Path file, String prefix)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        kind,
                        file.toString(),
                        prefix)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                acknowledged.add(line);
                if (acknowledged.size() == acknowledgements) {
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly();
            process.waitFor(1, TimeUnit.MINUTES);
        }
        return acknowledged;
    }
}

package dev.andon.cli.demo;

import dev.andon.core.json.InvalidInput;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The services' processes. Each gets its plan on standard input, which stays open as its lifeline, and reports on standard
 * output. Thread-safe.
 */
final class Fleet implements AutoCloseable {
    private static final long GRACE_MS = 2_000;
    private static final int TAIL_LINES = 5;

    private record Member(String service, Process process, Writer lifeline, Path log) {}

    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final Traffic traffic;
    private final Path directory;

    /** @param directory where the processes' error output goes */
    Fleet(Traffic traffic, Path directory) {
        this.traffic = traffic;
        this.directory = directory;
    }

    void start(Plan plan) {
        Path log = directory.resolve(plan.service() + ".log");
        try {
            Process process =
                    new ProcessBuilder(command()).redirectError(log.toFile()).start();
            Writer lifeline = process.outputWriter(StandardCharsets.UTF_8);
            members.add(new Member(plan.service(), process, lifeline, log));
            lifeline.write(plan.line() + "\n");
            lifeline.flush();
            Thread.ofVirtual().name("reports of " + plan.service()).start(() -> listen(process));
        } catch (IOException e) {
            throw new UncheckedIOException(plan.service() + " can't be started: " + e.getMessage(), e);
        }
    }

    private static List<String> command() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return List.of(
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                ServiceMain.class.getName());
    }

    private void listen(Process process) {
        try (BufferedReader reports =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reports.readLine();
            while (line != null) {
                traffic.add(Report.parse(line));
                line = reports.readLine();
            }
        } catch (IOException | InvalidInput e) {
            // The process is gone or mad; dead() will tell.
            process.destroy();
        }
    }

    /** A service whose process has ended, and the last that it said. */
    Optional<String> dead() {
        return members.stream()
                .filter(member -> !member.process().isAlive())
                .map(member ->
                        member.service() + " ended with " + member.process().exitValue() + ": " + tail(member.log()))
                .findFirst();
    }

    List<Long> processes() {
        return members.stream().map(member -> member.process().pid()).toList();
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join(" / ", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "no log";
        }
    }

    /** Ends all processes: asks them first, and makes sure then. */
    @Override
    public void close() {
        members.forEach(member -> {
            try {
                member.lifeline().close();
            } catch (IOException e) {
                // It is gone already.
            }
        });
        members.forEach(member -> {
            try {
                if (!member.process().waitFor(GRACE_MS, TimeUnit.MILLISECONDS)) {
                    member.process().destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                member.process().destroyForcibly();
            }
        });
    }
}

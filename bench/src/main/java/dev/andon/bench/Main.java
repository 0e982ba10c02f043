package dev.andon.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code ./andon bench}: lists the benchmarks, and runs them. */
final class Main {
    private static final String USAGE = """
        Usage: andon bench [PART|all] [--quick] [--keep]

        Without a part: lists them.
          --quick   A few minutes at most: shows whether something has become worse.
          --keep    Keep the result in docs/benchmarks and write docs/benchmarks.md anew.
        """;

    private Main() {}

    public static void main(String[] arguments) {
        Path root = Path.of(System.getProperty("andon.root", ""));
        Path jar = root.resolve("cli/target/andon/lib/andon.jar");
        List<String> words = new ArrayList<>(List.of(arguments));
        boolean quick = words.remove("--quick");
        boolean keep = words.remove("--keep");
        Path folder = scratch();
        List<Part> parts = List.of(
                new Click(jar, folder),
                new ClickOthers(root, jar, folder),
                new Evaluation(root, jar, folder),
                new FanOut(jar, folder),
                new Remote(root, jar, folder),
                new StartUp(jar, folder),
                new Growth(jar, folder),
                new Stalled(
                        "stalled-ofrep",
                        "Clients that don't read: 100 of 1,000 event streams of OFREP",
                        jar,
                        folder,
                        List.of(),
                        EventStreams::new),
                new Stalled(
                        "stalled-flagd",
                        "Clients that don't read: 100 of 1,000 streams of flagd's documents",
                        jar,
                        folder,
                        SyncStreams.OPTIONS,
                        SyncStreams::new));
        if (words.size() == 1 && (words.getFirst().equals("all") || named(parts, words.getFirst()))) {
            try {
                run(
                        parts.stream()
                                .filter(part -> words.getFirst().equals("all")
                                        || part.name().equals(words.getFirst()))
                                .toList(),
                        quick ? Part.Scale.QUICK : Part.Scale.FULL,
                        keep ? Optional.of(new Document(root)) : Optional.empty());
            } finally {
                delete(folder);
            }
            return;
        }
        System.out.print(USAGE + "\nParts:\n");
        parts.forEach(part -> System.out.printf("  %-13s %s%n", part.name(), part.title()));
        delete(folder);
        if (!words.isEmpty()) {
            System.err.println(
                    "andon bench: part: " + String.join(" ", words) + " (expected: one of those above, or all)");
            System.exit(2);
        }
    }

    private static void run(List<Part> parts, Part.Scale scale, Optional<Document> kept) {
        StringBuilder verdicts = new StringBuilder();
        for (Part part : parts) {
            long startNanos = System.nanoTime();
            Result result = part.run(scale);
            if (verdicts.isEmpty()) {
                System.out.println(result.machine() + "\n");
            }
            System.out.println(result.text());
            kept.ifPresent(document -> document.keep(result));
            verdicts.append(String.format(
                    Locale.ROOT,
                    "%s (%d s)%n%s",
                    part.name(),
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                    result.verdicts()));
        }
        if (parts.size() > 1) {
            System.out.println("All goals:\n" + verdicts);
        }
    }

    private static boolean named(List<Part> parts, String word) {
        return parts.stream().anyMatch(part -> part.name().equals(word));
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("andon-bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

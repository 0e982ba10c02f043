package dev.andon.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
            for (Part part : parts) {
                if (words.getFirst().equals("all") || part.name().equals(words.getFirst())) {
                    Result result = part.run(quick ? Part.Scale.QUICK : Part.Scale.FULL);
                    System.out.println(result.machine() + "\n");
                    System.out.println(result.text());
                    if (keep) {
                        new Document(root).keep(result);
                    }
                }
            }
            delete(folder);
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

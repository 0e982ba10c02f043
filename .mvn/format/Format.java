import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Checks that the repository's Java sources have Palantir's format, or gives it to them.
 *
 * <p>Arguments: {@code check} or {@code apply}; the repository's root; a file whose time is that of the last run that
 * found everything in order, so that only what changed since is read again.
 */
final class Format {

    private static final List<String> FOLDERS =
            List.of(".mvn/format", "core", "store", "server", "sdk", "cli", "proof", "bench");

    private final Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .build());
    private final Path root;
    private final boolean apply;

    private Format(Path root, boolean apply) {
        this.root = root;
        this.apply = apply;
    }

    public static void main(String[] arguments) throws IOException {
        Format format = new Format(Path.of(arguments[1]).toRealPath(), arguments[0].equals("apply"));
        Path stamp = Path.of(arguments[2]);
        FileTime began = FileTime.fromMillis(System.currentTimeMillis());
        FileTime since = Files.exists(stamp) ? Files.getLastModifiedTime(stamp) : FileTime.fromMillis(0);

        List<String> complaints = format.complaints(since);
        complaints.forEach(System.err::println);
        if (!complaints.isEmpty()) {
            System.exit(1);
        }
        Files.createDirectories(stamp.getParent());
        Files.writeString(stamp, "");
        Files.setLastModifiedTime(stamp, began);
    }

    private List<String> complaints(FileTime since) {
        return FOLDERS.stream()
                .map(root::resolve)
                .filter(Files::isDirectory)
                .flatMap(Format::sources)
                .filter(file -> modified(file).compareTo(since) >= 0)
                .toList()
                .parallelStream()
                .flatMap(file -> complaint(file).stream())
                .sorted()
                .toList();
    }

    private Optional<String> complaint(Path file) {
        try {
            String before = Files.readString(file);
            String after = formatter.formatSourceAndFixImports(before);
            if (after.equals(before)) {
                return Optional.empty();
            }
            if (apply) {
                Files.writeString(file, after);
                System.out.println("formatted " + root.relativize(file));
                return Optional.empty();
            }
            return Optional.of(root.relativize(file)
                    + ": not formatted (expected: Palantir's format); run: mvn -q -f .mvn/format -Dformat=apply");
        } catch (FormatterException e) {
            return Optional.of(root.relativize(file) + ":" + e.getMessage()
                    + " (expected: what the formatter can read: `var _` in place of a bare `_` in a record pattern, no"
                    + " module imports)");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In a module's folder of outputs, or in one of a module inside it. */
    private static boolean built(Path file) {
        return StreamSupport.stream(file.spliterator(), false).anyMatch(part -> part.endsWith("target"));
    }

    private static Stream<Path> sources(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !built(folder.relativize(file)))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

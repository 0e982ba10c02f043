package dev.andon.sdk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A file that says what this process stops. It is read again and again, whole, so that neither symbolic links that are
 * swapped, as Kubernetes does with a ConfigMap, nor clocks matter. When things go wrong, what was stopped stays so:
 *
 * <ol>
 *   <li>The file was never there: nothing is stopped, and that is no problem, for it may be made when it is needed.
 *   <li>It vanishes, or can't be read: what it said last stands. Only a file that can be read ends a stop.
 *   <li>It is longer than {@value #MAX_BYTES} bytes: what it said last stands, and what its beginning says is added.
 *   <li>It is read while it is being written: what it adds counts at once; what it no longer says ends when it has been
 *       read twice without.
 * </ol>
 *
 * <p>Not thread-safe.
 */
final class KillFile {
    static final int MAX_BYTES = 1 << 16;

    private final Path file;
    private StopList said = StopList.NONE;
    private Optional<String> before = Optional.empty();
    private boolean seen;

    /** What was read last was read before, too: what it no longer says has ended. */
    private boolean lifted;

    KillFile(Path file) {
        this.file = file;
    }

    /** What it says now, or said last. May block for as long as the file system does. */
    StopList read() {
        byte[] bytes;
        try {
            // A pipe would have to be waited for: only what is known to be a file is opened.
            if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
                return kept("is no regular file");
            }
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MAX_BYTES + 1);
            }
        } catch (NoSuchFileException e) {
            return seen ? kept("isn't there any more") : StopList.NONE;
        } catch (IOException e) {
            return kept("can't be read: " + e);
        }
        seen = true;
        return bytes.length > MAX_BYTES ? tooLong(bytes) : whole(new String(bytes, StandardCharsets.UTF_8));
    }

    /** Whether it was never there. */
    boolean awaited() {
        return !seen;
    }

    private StopList whole(String text) {
        boolean settled = before.filter(text::equals).isPresent();
        if (settled && lifted) {
            return said;
        }
        StopList now = StopList.ofFile(text);
        before = Optional.of(text);
        lifted = settled;
        said = settled || now.stops().containsAll(said.stops()) ? now : union(now, said);
        return said;
    }

    private StopList tooLong(byte[] bytes) {
        String text = new String(Arrays.copyOf(bytes, MAX_BYTES), StandardCharsets.UTF_8);
        StopList beginning = StopList.ofFile(text.substring(0, text.lastIndexOf('\n') + 1));
        said = union(beginning, said);
        return kept("is longer than " + MAX_BYTES + " bytes; only its beginning is obeyed");
    }

    private StopList kept(String trouble) {
        seen = true;
        before = Optional.empty();
        return said.with("kill file: " + file + " " + trouble + " (expected: a text file of at most " + MAX_BYTES
                + " bytes; until then, what it said last stands)");
    }

    private static StopList union(StopList one, StopList other) {
        StopList.Joining joining = new StopList.Joining();
        joining.add(one);
        joining.add(new StopList(other.stops(), List.of()));
        return joining.list();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}

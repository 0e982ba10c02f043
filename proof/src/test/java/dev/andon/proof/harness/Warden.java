package dev.andon.proof.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Ends every process that a test started, also when the test's JVM is killed and when the process is frozen. It is a
 * shell that reads the process numbers to watch from its standard input, which the operating system closes when this
 * JVM ends in whatever way. Thread-safe.
 */
final class Warden {
    private static final String SCRIPT = """
        trap '' INT TERM HUP
        watched=
        mounts=
        while read -r word subject; do
          case $word in
            watch) watched="$watched $subject" ;;
            unmount) mounts="$mounts $subject" ;;
            forget)
              left=
              for each in $watched; do [ "$each" = "$subject" ] || left="$left $each"; done
              watched=$left ;;
          esac
        done
        [ -z "$watched" ] || kill -9 $watched
        for each in $mounts; do umount -l "$each"; done
        """;

    private static final Warden WARDEN = new Warden();

    private final Writer orders;

    private Warden() {
        try {
            Process shell = new ProcessBuilder("/bin/sh", "-c", SCRIPT)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            orders = shell.outputWriter(StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void watch(long pid) {
        WARDEN.order("watch", pid);
    }

    static void forget(long pid) {
        WARDEN.order("forget", pid);
    }

    /** Unmounts a directory, whose name has no space in it, when this JVM ends, if it still is mounted then. */
    static void unmountAtEnd(Path directory) {
        WARDEN.order("unmount", directory);
    }

    private synchronized void order(String word, Object subject) {
        try {
            orders.write(word + " " + subject + "\n");
            orders.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the warden's shell has ended", e);
        }
    }
}

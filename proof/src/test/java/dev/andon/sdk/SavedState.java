package dev.andon.sdk;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.stream.HeldState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file in which a process with an SDK keeps what it knows. */
public final class SavedState {
    private SavedState() {}

    /** Saves a state as the SDK does. */
    public static void save(Path file) {
        new StateFile(file).save(HeldState.EMPTY);
    }

    /** Whether there is no file, or one that holds what was saved. */
    public static boolean isWhole(Path file) throws IOException {
        if (!Files.exists(file)) {
            return true;
        }
        try {
            return StateFile.decode(Files.readAllBytes(file)).equals(HeldState.EMPTY);
        } catch (InvalidInput e) {
            return false;
        }
    }
}

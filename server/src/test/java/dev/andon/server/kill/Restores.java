package dev.andon.server.kill;

import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Target;
import dev.andon.server.node.Command;
import java.util.Optional;

/** The commands that release kills. */
public final class Restores {
    private Restores() {}

    public static Command<Json> of(String environment, KillId kill) {
        return new Restore(environment, new Restore.Subject.OneKill(kill), Optional.empty());
    }

    public static Command<Json> of(String environment, Target target) {
        return new Restore(environment, new Restore.Subject.Aimed(target), Optional.empty());
    }
}

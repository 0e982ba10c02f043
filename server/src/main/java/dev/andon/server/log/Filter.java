package dev.andon.server.log;

import dev.andon.core.event.Event;
import java.util.Optional;
import java.util.function.Supplier;

/** Which changes are asked for. What all environments share counts for each of them. */
record Filter(Optional<String> environment, Optional<String> flag) {

    boolean isOpen() {
        return environment.isEmpty() && flag.isEmpty();
    }

    /** @param before the event that the subject was last changed by */
    boolean passes(Event event, Supplier<Optional<Event>> before) {
        return (environment.isEmpty() || concernsEnvironment(event, environment.get()))
                && (flag.isEmpty() || concernsFlag(event, flag.get(), before));
    }

    private static boolean concernsEnvironment(Event event, String key) {
        return switch (event) {
            case Event.EnvironmentSaved saved -> saved.environment().key().equals(key);
            case Event.FlagSaved saved -> true;
            case Event.TokenSaved saved -> saved.token().environment().equals(Optional.of(key));
            default -> event.scope().equals(Optional.of(key));
        };
    }

    private static boolean concernsFlag(Event event, String key, Supplier<Optional<Event>> before) {
        return switch (event) {
            case Event.FlagSaved saved -> saved.flag().key().equals(key);
            case Event.ConfigurationSaved saved -> saved.flag().equals(key);
            case Event.ConfigurationDeleted deleted -> deleted.flag().equals(key);
            case Event.KillStood stood -> stood.flags().contains(key);
            case Event.KillRestored restored ->
                before.get()
                        .filter(stood -> stood instanceof Event.KillStood kill
                                && kill.flags().contains(key))
                        .isPresent();
            default -> false;
        };
    }
}

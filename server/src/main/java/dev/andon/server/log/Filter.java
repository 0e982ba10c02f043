package dev.andon.server.log;

import dev.andon.core.event.Event;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which changes are asked for. What all environments share counts for each of them, and a kill counts for what it named
 * then and what its target matches now.
 *
 * @param metadata the flag's, as it is now; none if there is no such flag
 */
record Filter(Optional<String> environment, Optional<String> flag, Optional<KillId> kill, Optional<Flag> metadata) {

    boolean isOpen() {
        return environment.isEmpty() && flag.isEmpty() && kill.isEmpty();
    }

    /** @param before the event that the subject was last changed by */
    boolean passes(Event event, Supplier<Optional<Event>> before) {
        return (environment.isEmpty() || concernsEnvironment(event, environment.get()))
                && (flag.isEmpty() || concernsFlag(event, flag.get(), before))
                && (kill.isEmpty() || concernsKill(event, Event.killOf(kill.get())));
    }

    /** The kill, its restore, and what was observed of it. */
    private static boolean concernsKill(Event event, String subject) {
        return event.subject().equals(subject)
                || (event instanceof Event.Observed observed && observed.about().equals(subject));
    }

    private static boolean concernsEnvironment(Event event, String key) {
        return switch (event) {
            case Event.EnvironmentSaved saved -> saved.environment().key().equals(key);
            case Event.FlagSaved saved -> true;
            case Event.TokenSaved saved -> saved.token().environment().equals(Optional.of(key));
            default -> event.scope().equals(Optional.of(key));
        };
    }

    private boolean concernsFlag(Event event, String key, Supplier<Optional<Event>> before) {
        return switch (event) {
            case Event.FlagSaved saved -> saved.flag().key().equals(key);
            case Event.ConfigurationSaved saved -> saved.flag().equals(key);
            case Event.ConfigurationDeleted deleted -> deleted.flag().equals(key);
            case Event.KillStood stood -> holds(stood, key);
            case Event.KillRestored restored ->
                before.get()
                        .filter(stood -> stood instanceof Event.KillStood kill && holds(kill, key))
                        .isPresent();
            case Event.Observed observed ->
                observed.flags().contains(key)
                        || metadata.filter(now -> observed.target()
                                        .filter(target -> target.matches(now))
                                        .isPresent())
                                .isPresent();
            default -> false;
        };
    }

    private boolean holds(Event.KillStood stood, String key) {
        StandingKill kill = new StandingKill(stood.kill(), stood.flags());
        return metadata.map(kill::holds).orElse(kill.flags().contains(key));
    }
}

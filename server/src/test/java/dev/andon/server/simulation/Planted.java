package dev.andon.server.simulation;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.KillId;
import dev.andon.server.node.Command;
import dev.andon.server.node.Decision;
import java.util.ArrayList;
import java.util.List;

/** Wrong entries and commands, for planted bugs. */
final class Planted {
    private Planted() {}

    /** The entry, marking the next number of the kill's journal as settled, too. */
    static byte[] withHigherMark(Entry entry, KillId kill) {
        List<Event> events = new ArrayList<>(entry.events());
        events.add(new Event.Settled(kill.journal(), kill.number() + 1, kill.number() + 1));
        return new Entry(
                        entry.type(),
                        entry.actor(),
                        entry.at(),
                        entry.reason(),
                        entry.cause(),
                        entry.correlation(),
                        entry.previous(),
                        events)
                .encode();
    }

    /** The command, restoring all that stands beside what it does. */
    static <R> Command<R> andRestoringAll(Command<R> command) {
        return (image, kills, now) -> {
            Decision<R> decision = command.decide(image, kills, now);
            if (decision.events().isEmpty()) {
                return decision;
            }
            List<Event> events = new ArrayList<>(decision.events());
            for (KillId kill : standing(image)) {
                Event restored = new Event.KillRestored(World.ENVIRONMENT, kill);
                if (!events.contains(restored)) {
                    events.add(restored);
                }
            }
            return new Decision<>(decision.type(), decision.cause(), events, decision.reply());
        };
    }

    private static List<KillId> standing(Image image) {
        return image.environment(World.ENVIRONMENT).orElseThrow().kills().values().stream()
                .map(Versioned::value)
                .map(StandingKill::id)
                .toList();
    }
}

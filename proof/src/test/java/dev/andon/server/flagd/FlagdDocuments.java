package dev.andon.server.flagd;

import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import dev.andon.server.node.Publication;
import dev.andon.server.node.ServedStates;
import dev.andon.store.LedgerPosition;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;

/** What flagd's clients get of an environment. */
public final class FlagdDocuments {
    private FlagdDocuments() {}

    /**
     * @param left flags that aren't in the document, and why
     * @param widened by flag, kills for some that are in it as kills for everyone
     */
    public record Written(String text, SortedMap<String, InvalidInput> left, SortedMap<String, Set<KillId>> widened) {}

    public static Written of(Image image, String environment) {
        try (ServedStates states = new ServedStates(InstantSource.system())) {
            states.publish(new Publication(Image.EMPTY, image, LedgerPosition.START, List.of(), true));
            Document document = Document.of(states.newest(environment).orElseThrow(), flag -> true);
            return new Written(document.text(), document.left(), document.widened());
        }
    }
}

package dev.andon.core.evaluate;

import dev.andon.core.model.Kill;
import java.util.List;
import java.util.Optional;

/**
 * Where evaluation happens, for kills that are aimed at services or regions. What isn't known counts as aimed at: a kill
 * may stop too much, never too little.
 */
public record Place(Optional<String> service, Optional<String> region) {
    public static final Place UNKNOWN = new Place(Optional.empty(), Optional.empty());

    /** An empty string stands for unknown. */
    public static Place of(String service, String region) {
        return new Place(
                Optional.of(service).filter(name -> !name.isEmpty()),
                Optional.of(region).filter(name -> !name.isEmpty()));
    }

    /** Whether the kill is aimed at this place, or may be. */
    public boolean within(Kill kill) {
        return within(kill.services(), kill.regions());
    }

    /**
     * Whether a kill for these services and regions would be aimed at this place, or might be.
     *
     * @param services all when empty, and {@code regions} likewise
     */
    public boolean within(List<String> services, List<String> regions) {
        return (services.isEmpty() || service.isEmpty() || services.contains(service.get()))
                && (regions.isEmpty() || region.isEmpty() || regions.contains(region.get()));
    }
}

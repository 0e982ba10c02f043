package dev.andon.server.node;

import dev.andon.core.json.Json;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A process with an SDK, or a client that speaks another protocol, as it introduced itself. Immutable; thread-safe. */
public final class Instance {
    private final InstanceKey key;
    private final Optional<String> region;
    private final String sdk;
    private final Protocol protocol;
    private final Optional<String> divergence;
    private volatile @Nullable Encoded encoded;

    /** The array in a final field: whoever sees this sees what is in it. */
    private record Encoded(byte[] bytes) {}

    /**
     * @param sdk name and version; of a client that doesn't speak Andon's own stream, what it says to be
     * @param divergence {@link ForeignListener.Client#divergence}
     */
    public Instance(
            InstanceKey key, Optional<String> region, String sdk, Protocol protocol, Optional<String> divergence) {
        this.key = key;
        this.region = region;
        this.sdk = sdk;
        this.protocol = protocol;
        this.divergence = divergence;
    }

    /** One that speaks Andon's own stream. */
    public Instance(InstanceKey key, Optional<String> region, String sdk) {
        this(key, region, sdk, Protocol.ANDON, Optional.empty());
    }

    public InstanceKey key() {
        return key;
    }

    public Optional<String> region() {
        return region;
    }

    public String sdk() {
        return sdk;
    }

    public Protocol protocol() {
        return protocol;
    }

    public Optional<String> divergence() {
        return divergence;
    }

    /** The same, in that region if it doesn't say where it is. */
    public Instance in(Optional<String> elsewise) {
        return region.isPresent() || elsewise.isEmpty() ? this : new Instance(key, elsewise, sdk, protocol, divergence);
    }

    /**
     * What tells versions of SDKs apart. Of clients that don't speak Andon's own stream, the protocol must do: browsers say
     * to be as many things as there are of them.
     */
    public String exercisedAs() {
        return protocol.foreign() ? protocol.word() : sdk;
    }

    /** Without its environment. */
    public Json.Builder toJson() {
        Json.Builder json = Json.object()
                .put("service", key.service())
                .put("instance", key.instance())
                .put("region", region.<Json>map(Json::of).orElse(Json.Null.NULL))
                .put("sdk", sdk)
                .put("protocol", protocol.word());
        divergence.ifPresent(text -> json.put("divergence", text));
        return json;
    }

    /** {@link #toJson}, encoded once, as every receipt names every instance. Not to be changed. */
    public byte[] utf8() {
        Encoded known = encoded;
        if (known == null) {
            known = new Encoded(toJson().build().utf8());
            encoded = known;
        }
        return known.bytes();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Instance that
                && key.equals(that.key)
                && region.equals(that.region)
                && sdk.equals(that.sdk)
                && protocol == that.protocol
                && divergence.equals(that.divergence);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, region, sdk, protocol, divergence);
    }

    @Override
    public String toString() {
        return "Instance[" + key + ", region " + region.orElse("unknown") + ", " + sdk + ", " + protocol.word() + "]";
    }
}

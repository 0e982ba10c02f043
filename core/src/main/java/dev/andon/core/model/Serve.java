package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a rule or the fall-through serves. */
public sealed interface Serve {

    /** The attribute that names the targeting key. */
    String TARGETING_KEY = "targetingKey";

    /** Every variant that can come out. */
    List<String> variants();

    Json toJson();

    /** One variant for everyone. */
    record Fixed(String variant) implements Serve {
        public Fixed {
            Keys.name("variant", variant);
        }

        @Override
        public List<String> variants() {
            return List.of(variant);
        }

        @Override
        public Json toJson() {
            return Json.object().put("variant", variant).build();
        }
    }

    /**
     * Variants by weight. Who gets which depends only on the seed and the attribute's value, in every language.
     *
     * @param attribute whose value is hashed; the targeting key unless set
     * @param seed hashed before the value; the flag's key unless set
     */
    record Split(List<Share> shares, String attribute, Optional<String> seed) implements Serve {
        private static final int MAX_SHARES = 256;

        public Split {
            shares = List.copyOf(shares);
            if (shares.isEmpty() || shares.size() > MAX_SHARES) {
                throw new InvalidInput("split", shares.size() + " shares", "1 to " + MAX_SHARES + " shares");
            }
            long total = shares.stream().mapToLong(Share::weight).sum();
            if (total < 1 || total > Integer.MAX_VALUE) {
                throw new InvalidInput(
                        "split", "weights that add up to " + total, "a sum of 1 to " + Integer.MAX_VALUE);
            }
            Keys.name("attribute", attribute);
            seed.ifPresent(value -> Keys.prose("seed", value));
        }

        /** The sum of the weights. */
        public int total() {
            return (int) shares.stream().mapToLong(Share::weight).sum();
        }

        @Override
        public List<String> variants() {
            return shares.stream().map(Share::variant).distinct().toList();
        }

        @Override
        public Json toJson() {
            List<Json> items = new ArrayList<>();
            for (Share share : shares) {
                items.add(Json.object()
                        .put("variant", share.variant())
                        .put("weight", share.weight())
                        .build());
            }
            Json.Builder json = Json.object().put("split", Json.array(items));
            if (!attribute.equals(TARGETING_KEY)) {
                json.put("attribute", attribute);
            }
            return json.put("seed", seed).build();
        }
    }

    /** A variant's part of a split; a weight of 0 keeps the variant in its place without serving it. */
    record Share(String variant, int weight) {
        public Share {
            Keys.name("variant", variant);
            if (weight < 0) {
                throw new InvalidInput("weight", "" + weight, "0 to " + Integer.MAX_VALUE);
            }
        }

        static Share read(Fields fields) {
            return new Share(fields.text("variant"), (int) fields.whole("weight", 0, Integer.MAX_VALUE));
        }
    }

    static Serve read(Fields fields) {
        if (fields.has("variant") == fields.has("split")) {
            throw new InvalidInput(
                    fields.pathOf("variant"),
                    fields.has("split") ? "beside a split" : "nothing",
                    "either a variant or a split");
        }
        if (fields.has("variant")) {
            return new Fixed(fields.text("variant"));
        }
        return new Split(
                fields.objects("split", Share::read),
                fields.text("attribute", TARGETING_KEY),
                fields.optionalText("seed"));
    }
}

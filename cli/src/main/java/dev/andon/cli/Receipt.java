package dev.andon.cli;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Who has applied a kill, as the server tells it.
 *
 * @param verdict {@code requested}, {@code partial}, {@code sent}, {@code proven} or {@code nobody-live}
 */
record Receipt(
        String verdict,
        long applied,
        long silent,
        long unreachable,
        long gone,
        OptionalDouble p50Ms,
        OptionalDouble p99Ms,
        OptionalDouble maxMs,
        List<Instance> instances,
        long returned,
        List<Group> groups,
        Optional<InFlight> inFlight,
        Optional<Relapses> relapses,
        Optional<Final> last,
        Foreign foreign,
        List<String> missingNodes) {

    /**
     * Of clients that don't speak Andon's own stream.
     *
     * @param unconfirmable how many of those sent have no way to confirm it
     * @param unlisted how many aren't listed, as there were too many
     * @param widened for how many it holds whole flags
     */
    record Foreign(long confirmed, long sent, long unconfirmable, long unlisted, long widened) {
        static Foreign read(Fields fields) {
            return new Foreign(
                    count(fields, "confirmed"),
                    count(fields, "sent"),
                    count(fields, "unconfirmable"),
                    count(fields, "unlisted"),
                    count(fields, "widened"));
        }

        long known() {
            return confirmed + sent;
        }
    }

    /**
     * @param state {@code applied}, {@code returned}, {@code confirmed}, {@code sent}, {@code silent}, {@code unreachable} or
     *     {@code gone}
     */
    record Instance(
            String service, String instance, String region, String sdk, String state, OptionalDouble appliedMs) {
        static Instance read(Fields fields) {
            return new Instance(
                    fields.text("service", "?"),
                    fields.text("instance", "?"),
                    fields.text("region", ""),
                    fields.text("sdk", ""),
                    fields.text("state", "?"),
                    ms(fields, "appliedMs"));
        }

        String name() {
            return service + "/" + instance + (region.isEmpty() ? "" : " (" + region + ")");
        }
    }

    /** The instances of one service in one region with one version of the SDK, or by one other protocol. */
    record Group(
            String service,
            String region,
            String sdk,
            long applied,
            long returned,
            long silent,
            long unreachable,
            long gone,
            OptionalDouble p50Ms,
            OptionalDouble maxMs,
            long confirmed,
            long sent) {
        static Group read(Fields fields) {
            return new Group(
                    fields.text("service", "?"),
                    fields.text("region", ""),
                    fields.text("sdk", ""),
                    count(fields, "applied"),
                    count(fields, "returned"),
                    count(fields, "silent"),
                    count(fields, "unreachable"),
                    count(fields, "gone"),
                    ms(fields, "p50Ms"),
                    ms(fields, "maxMs"),
                    count(fields, "confirmed"),
                    count(fields, "sent"));
        }

        long all() {
            return applied + confirmed + sent + silent + unreachable;
        }

        /** Those who aren't known to have applied it. */
        long missing() {
            return sent + silent + unreachable;
        }
    }

    /** Unsafe evaluations that had begun before the kill was in force where they were made. */
    record InFlight(long count, String from, String to) {
        static InFlight read(Fields fields) {
            return new InFlight(Receipt.count(fields, "count"), Words.of(fields, "from"), Words.of(fields, "to"));
        }
    }

    /** Unsafe evaluations under the kill: they should be impossible. */
    record Relapses(long count, List<Relapse> instances) {
        static Relapses read(Fields fields) {
            return new Relapses(Receipt.count(fields, "count"), fields.objects("instances", Relapse::read));
        }
    }

    record Relapse(String instance, String flag, String variant, long count) {
        static Relapse read(Fields fields) {
            return new Relapse(
                    fields.text("service", "?") + "/" + fields.text("instance", "?"),
                    fields.text("flag", "?"),
                    fields.text("variant", "?"),
                    Receipt.count(fields, "count"));
        }
    }

    /** The receipt's last word in the ledger. */
    record Final(String version, String at, String outcome, String digest) {
        static Final read(Fields fields) {
            return new Final(
                    Words.of(fields, "version"),
                    Words.of(fields, "at"),
                    Words.of(fields, "outcome"),
                    Words.of(fields, "digest"));
        }
    }

    /** Relays with their regions. */
    private static List<String> missingNodes(Fields fields) {
        Map<String, String> regions = new HashMap<>();
        for (Json relay : fields.items("missingRelays")) {
            Fields known = Fields.lenient(relay);
            regions.put(known.text("node"), known.text("region"));
        }
        return fields.texts("missingNodes").stream()
                .map(node -> regions.containsKey(node) ? node + " (relay in " + regions.get(node) + ")" : node)
                .toList();
    }

    static Receipt read(Fields fields) {
        return new Receipt(
                fields.text("verdict"),
                count(fields, "applied"),
                count(fields, "silent"),
                count(fields, "unreachable"),
                count(fields, "gone"),
                ms(fields, "p50Ms"),
                ms(fields, "p99Ms"),
                ms(fields, "maxMs"),
                fields.objects("instances", Instance::read),
                count(fields, "returned"),
                fields.objects("groups", Group::read),
                fields.optionalObject("inFlight").map(InFlight::read),
                fields.optionalObject("relapses").map(Relapses::read),
                fields.optionalObject("final").map(Final::read),
                Foreign.read(fields),
                missingNodes(fields));
    }

    boolean proven() {
        return verdict.equals("proven");
    }

    /** Whether everybody who says so has applied it, and others were only sent it. */
    boolean sent() {
        return verdict.equals("sent");
    }

    /** Whether waiting can't make it any better. */
    boolean saysNoMore() {
        return proven() || (sent() && foreign.sent() == foreign.unconfirmable());
    }

    /** What a command that waited ends with. */
    int exitCode() {
        return proven() ? Exit.DONE : sent() ? Exit.SENT : Exit.NOT_PROVEN;
    }

    /** How many instances must have applied or confirmed the kill for it to be proven. */
    long expected() {
        return applied + foreign.known() + silent + unreachable;
    }

    List<Instance> in(String state) {
        return instances.stream()
                .filter(instance -> instance.state().equals(state))
                .toList();
    }

    private static long count(Fields fields, String name) {
        return fields.whole(name, 0, Long.MAX_VALUE, 0);
    }

    private static OptionalDouble ms(Fields fields, String name) {
        return fields.has(name) ? OptionalDouble.of(fields.number(name)) : OptionalDouble.empty();
    }

    /** A kill with its receipt. */
    record Kill(
            String id,
            String target,
            List<String> flags,
            long flagCount,
            String environment,
            String ledger,
            Optional<String> version,
            boolean maybeLostWithPrimary,
            boolean durable,
            Optional<String> reason,
            Optional<String> actor,
            Optional<String> at,
            boolean standing,
            boolean repeated,
            Optional<String> tokenRevokedAt,
            Receipt receipt) {

        static Kill read(Json json) {
            Fields fields = Fields.lenient(json);
            return new Kill(
                    fields.text("id"),
                    Words.of(fields.json("target")),
                    fields.texts("flags"),
                    fields.whole(
                            "flagCount",
                            0,
                            Long.MAX_VALUE,
                            fields.texts("flags").size()),
                    fields.text("environment"),
                    fields.text("ledger"),
                    word(fields, "version"),
                    fields.text("replication", "").equals("not-synchronous"),
                    fields.bool("durable", true),
                    word(fields, "reason"),
                    word(fields, "actor"),
                    word(fields, "at"),
                    fields.bool("standing", true),
                    fields.bool("repeated", false),
                    word(fields, "tokenRevokedAt"),
                    Receipt.read(fields.object("receipt")));
        }

        private static Optional<String> word(Fields fields, String name) {
            return fields.has(name) ? Optional.of(Words.of(fields.json(name))) : Optional.empty();
        }
    }
}

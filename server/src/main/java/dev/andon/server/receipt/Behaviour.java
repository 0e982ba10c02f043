package dev.andon.server.receipt;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What instances reported to have served under a kill, and shortly before they had it. Only for the bookkeeper's thread;
 * a hundred of each are told apart, and all are counted.
 */
final class Behaviour {
    private static final int TOLD_APART = 100;

    private final Map<Flight, Long> flights = new LinkedHashMap<>();
    private final Map<Relapse, Long> relapses = new LinkedHashMap<>();
    private long inFlight;
    private long relapsed;
    private @Nullable Instant from;
    private @Nullable Instant to;

    private record Flight(String flag, String variant) {}

    private record Relapse(String service, String instance, String flag, String variant) {}

    /** Unsafe evaluations in a generation without the kill, as a report told at this time. */
    void inFlight(String flag, String variant, long number, Instant at) {
        inFlight = sum(inFlight, number);
        from = from == null ? at : from;
        to = at;
        Flight flight = new Flight(flag, variant);
        if (flights.size() < TOLD_APART || flights.containsKey(flight)) {
            flights.merge(flight, number, Behaviour::sum);
        }
    }

    /** Unsafe evaluations in a generation that holds the kill. */
    void relapsed(InstanceKey instance, String flag, String variant, long number) {
        relapsed = sum(relapsed, number);
        Relapse relapse = new Relapse(instance.service(), instance.instance(), flag, variant);
        if (relapses.size() < TOLD_APART || relapses.containsKey(relapse)) {
            relapses.merge(relapse, number, Behaviour::sum);
        }
    }

    /** Whoever reports may claim any number. */
    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    long inFlight() {
        return inFlight;
    }

    long relapsed() {
        return relapsed;
    }

    Json flightsJson() {
        List<Json> flags = new ArrayList<>();
        flights.forEach((flight, count) -> flags.add(Json.object()
                .put("flag", flight.flag)
                .put("variant", flight.variant)
                .put("count", count)
                .build()));
        Json.Builder json = Json.object().put("count", inFlight);
        if (from != null && to != null) {
            json.put("from", from.toString()).put("to", to.toString());
        }
        return json.put("flags", Json.array(flags)).build();
    }

    Json relapsesJson() {
        return relapsesJson(TOLD_APART);
    }

    /** @param most how many are told apart */
    Json relapsesJson(int most) {
        List<Json> instances = relapses.entrySet().stream()
                .limit(most)
                .<Json>map(one -> Json.object()
                        .put("service", one.getKey().service)
                        .put("instance", one.getKey().instance)
                        .put("flag", one.getKey().flag)
                        .put("variant", one.getKey().variant)
                        .put("count", one.getValue())
                        .build())
                .toList();
        return Json.object()
                .put("count", relapsed)
                .put("instances", Json.array(instances))
                .build();
    }

    Json saved() {
        return Json.object()
                .put("inFlight", flightsJson())
                .put("relapses", relapsesJson())
                .build();
    }

    static Behaviour read(Fields fields) {
        Behaviour behaviour = new Behaviour();
        Fields flight = fields.object("inFlight");
        behaviour.inFlight = flight.whole("count", 0, Long.MAX_VALUE);
        behaviour.from = flight.optionalText("from").map(Instant::parse).orElse(null);
        behaviour.to = flight.optionalText("to").map(Instant::parse).orElse(null);
        flight.objects(
                "flags",
                one -> behaviour.flights.put(
                                new Flight(one.text("flag"), one.text("variant")),
                                one.whole("count", 0, Long.MAX_VALUE, 0))
                        == null);
        Fields relapses = fields.object("relapses");
        behaviour.relapsed = relapses.whole("count", 0, Long.MAX_VALUE);
        relapses.objects(
                "instances",
                one -> behaviour.relapses.put(
                                new Relapse(
                                        one.text("service"),
                                        one.text("instance"),
                                        one.text("flag"),
                                        one.text("variant")),
                                one.whole("count", 0, Long.MAX_VALUE, 0))
                        == null);
        return behaviour;
    }
}

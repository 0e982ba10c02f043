package dev.andon.proof.fault;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Someone who changes, kills and restores one flag of their own, each time with an idempotency key and a reason that
 * nobody else has. What got no answer is asked again with the same key, before anything else. For one thread at a time.
 */
final class Operator {
    private final String flag;
    private final RandomGenerator random;
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private Optional<Order> unanswered = Optional.empty();
    private State state = new State(false, "on");
    private int count;
    private int repeated;

    /**
     * What the flag is like.
     *
     * @param variant what its fall-through serves where no kill holds it
     */
    record State(boolean killed, String variant) {
        State with(boolean kill) {
            return new State(kill, variant);
        }

        State configured() {
            return new State(killed, variant.equals("on") ? "off" : "on");
        }
    }

    private enum Action {
        KILL,
        RESTORE,
        CONFIGURE
    }

    /**
     * @param key idempotency key and reason
     * @param after what the flag is like once this was done
     */
    private record Order(String key, Action action, State after) {}

    Operator(String flag, RandomGenerator random) {
        this.flag = flag;
        this.random = random;
    }

    String flag() {
        return flag;
    }

    /** The reasons of all that the server acknowledged. On any thread. */
    Set<String> acknowledged() {
        return acknowledged;
    }

    /** Whether the flag may be like this: as acknowledged, or as it is after what got no answer. */
    boolean admits(State seen) {
        return seen.equals(state)
                || unanswered.filter(order -> order.after.equals(seen)).isPresent();
    }

    State state() {
        return state;
    }

    /** How often something had to be asked for again. */
    int repeated() {
        return repeated;
    }

    /** Works until told to stop or until something gets no answer. */
    void work(Api api, BooleanSupplier goOn, AtomicBoolean failed) {
        while (goOn.getAsBoolean()) {
            if (unanswered.isPresent()) {
                repeated++;
            }
            Order order = unanswered.orElseGet(this::next);
            unanswered = Optional.of(order);
            try {
                Answer answer = carryOut(api, order);
                if (answer.status() == 503 || isBeforeItsTime(order, answer)) {
                    return;
                }
                answer.expect(200, 201);
                unanswered = Optional.empty();
                acknowledged.add(order.key);
                state = order.after;
            } catch (IOException e) {
                return;
            } catch (AssertionError | RuntimeException e) {
                failed.set(true);
                throw e;
            }
        }
    }

    /** A kill that the ledger doesn't have yet can't be restored: it is to be tried again, as the answer says. */
    private static boolean isBeforeItsTime(Order order, Answer answer) {
        return order.action == Action.RESTORE
                && answer.status() == 409
                && answer.text("expected").contains("it is on its way there");
    }

    /** Asks again for what got no answer, if there is anything. */
    void catchUp(Api api) {
        work(api, () -> unanswered.isPresent(), new AtomicBoolean());
    }

    private Order next() {
        String key = flag + "-" + count++;
        if (random.nextBoolean()) {
            return new Order(key, Action.CONFIGURE, state.configured());
        }
        return new Order(key, state.killed ? Action.RESTORE : Action.KILL, state.with(!state.killed));
    }

    private Answer carryOut(Api api, Order order) throws IOException {
        String environment = "/api/v1/environments/" + Api.PRODUCTION;
        return switch (order.action) {
            case KILL -> ask(api, "POST", environment + "/kills", Api.killBody(flag, order.key), order);
            case RESTORE ->
                ask(
                        api,
                        "POST",
                        environment + "/restores",
                        Json.object().put("flag", flag).put("reason", order.key),
                        order);
            case CONFIGURE ->
                ask(
                        api,
                        "PUT",
                        environment + "/flags/" + flag,
                        Json.object()
                                .put("configuration", Api.configuration(order.after.variant))
                                .put("reason", order.key),
                        order);
        };
    }

    private static Answer ask(Api api, String method, String path, Json.Builder body, Order order) throws IOException {
        return api.call(method, path, Optional.of(body.build()), "Idempotency-Key", order.key, "If-Match", "*");
    }
}

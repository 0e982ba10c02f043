package dev.andon.proof.history;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.history.Operation.Asked;
import dev.andon.proof.history.Operation.Told;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Someone who changes flags at whichever node comes next, often on the condition that nobody else has meanwhile, and keeps
 * account of it. What gets no answer is asked again, with the same idempotency key, at any node. For one thread.
 */
final class Client {
    private static final int STALE_OF_A_HUNDRED = 10;

    /** Before somebody who was refused asks for the next thing. */
    private static final long BREATH_NANOS = 20_000_000;

    private final String name;
    private final List<Api> nodes;
    private final List<String> flags;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final List<Operation> operations = new ArrayList<>();

    /** The version of each flag as the client heard last. */
    private final Map<String, Long> known = new HashMap<>();

    private int count;
    private int askedAgain;

    Client(String name, List<Api> nodes, List<String> flags, RandomGenerator random, LongSupplier nanoTime) {
        this.name = name;
        this.nodes = nodes;
        this.flags = flags;
        this.random = random;
        this.nanoTime = nanoTime;
    }

    /** Works until told to stop; what is under way then is left without an answer, unless that comes. */
    void work(BooleanSupplier goOn) {
        while (goOn.getAsBoolean()) {
            String flag = flags.get(random.nextInt(flags.size()));
            carryOut(name + "-" + count++, flag, next(flag), goOn);
        }
    }

    List<Operation> operations() {
        return operations;
    }

    /** How many requests were repeated because there was no answer, or no clear one. */
    int askedAgain() {
        return askedAgain;
    }

    private Asked next(String flag) {
        String value = random.nextBoolean() ? "on" : "off";
        long version = known.getOrDefault(flag, 0L);
        return switch (random.nextInt(10)) {
            case 0, 1 -> new Asked.Look();
            case 2, 3 -> new Asked.Put(value);
            default -> version == 0 ? new Asked.Look() : new Asked.PutIf(value, version);
        };
    }

    private void carryOut(String operation, String flag, Asked asked, BooleanSupplier goOn) {
        long invokedNanos = nanoTime.getAsLong();
        Told told = new Told.Nothing();
        boolean inDoubt = false;
        do {
            Told answer = ask(nodes.get(random.nextInt(nodes.size())), operation, flag, asked);
            if (!(answer instanceof Told.Nothing) && !(answer instanceof Told.Unchanged && inDoubt)) {
                told = answer;
                break;
            }
            inDoubt = true;
            askedAgain++;
        } while (goOn.getAsBoolean());
        operations.add(new Operation(operation, flag, asked, invokedNanos, nanoTime.getAsLong(), told));
        switch (told) {
            case Told.Written written -> known.put(flag, written.version());
            case Told.AsAsked same -> known.put(flag, same.version());
            case Told.Found found -> noteFound(flag, found.version());
            case Told.Unchanged unchanged -> LockSupport.parkNanos(BREATH_NANOS);
            case Told.Nothing nothing -> known.remove(flag);
        }
    }

    /** Now and then it goes on with what it knew before: as someone who has had a page open for a while. */
    private void noteFound(String flag, long version) {
        if (random.nextInt(100) >= STALE_OF_A_HUNDRED) {
            known.put(flag, version);
        }
    }

    private Told ask(Api node, String operation, String flag, Asked asked) {
        Json body = Json.object()
                .put("configuration", Api.configuration(value(asked)))
                .put("reason", operation)
                .build();
        String path = "/api/v1/environments/" + Api.PRODUCTION + "/flags/" + flag;
        try {
            Answer answer = node.call(
                    "PUT", path, Optional.of(body), header(asked), condition(asked), "Idempotency-Key", operation);
            return told(answer);
        } catch (ConnectException e) {
            return new Told.Unchanged();
        } catch (IOException e) {
            return new Told.Nothing();
        }
    }

    private static String value(Asked asked) {
        return switch (asked) {
            case Asked.Put put -> put.value();
            case Asked.PutIf put -> put.value();
            case Asked.Look look -> "on";
        };
    }

    private static String header(Asked asked) {
        return asked instanceof Asked.Look ? "If-None-Match" : "If-Match";
    }

    private static String condition(Asked asked) {
        return asked instanceof Asked.PutIf put ? "\"" + put.version() + "\"" : "*";
    }

    private static Told told(Answer answer) {
        return switch (answer.status()) {
            case 200 -> new Told.Written(answer.whole("version"));
            case 412 -> new Told.Found(answer.whole("current"));
            case 503 ->
                answer.text("next").startsWith("It may have been carried out")
                        ? new Told.Nothing()
                        : new Told.Unchanged();
            default ->
                throw new AssertionError(
                        "status " + answer.status() + ": " + answer.body().text());
        };
    }
}

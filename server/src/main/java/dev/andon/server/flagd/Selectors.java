package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Nearest;
import dev.andon.server.http.Access;
import dev.andon.server.http.Authoriser;
import dev.andon.server.http.Caller;
import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcRefusal;
import dev.andon.server.http.GrpcStatus;
import dev.andon.server.http.ProblemException;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Finds what a call may see and wants to see. Without a key, those environments are open that the server was started with, and
 * the first of them is meant where nothing is said; with a key, its own and no other. Thread-safe.
 */
final class Selectors {
    private static final String HEADER = "flagd-selector";
    private static final String FLAG_SET = "flagSetId=";
    private static final int MOST_NAMED = 10;

    private final List<String> open;
    private final ServedStates states;
    private final Authoriser authoriser;
    private final BooleanSupplier follows;
    private final Map<String, Tags> tags = new ConcurrentHashMap<>();

    private record Tags(String state, SortedSet<String> names) {}

    /**
     * @param open environments that are open to everyone
     * @param follows whether this node hears of new keys
     */
    Selectors(List<String> open, ServedStates states, Authoriser authoriser, BooleanSupplier follows) {
        this.open = List.copyOf(open);
        this.states = states;
        this.authoriser = authoriser;
        this.follows = follows;
    }

    /**
     * What the call's header selects, or else the request's field.
     *
     * @throws GrpcRefusal if there is no such thing, or the call may not see it
     */
    View view(GrpcCall call, String field) {
        List<String> environments =
                caller(call).flatMap(Caller::environment).map(List::of).orElse(open);
        if (environments.isEmpty()) {
            throw new GrpcRefusal(
                    GrpcStatus.UNAUTHENTICATED,
                    "authorization: nothing (expected: Bearer and an SDK key or a client key, as no environment is open"
                            + " here without one). The server's option --flagd-environment opens one.");
        }
        String selector = call.header(HEADER).filter(text -> !text.isBlank()).orElse(field);
        return selector.isBlank()
                ? new View(environments.getFirst(), Optional.empty())
                : selected(selector, environments);
    }

    /** Whether a call that was let in still would be. */
    boolean admits(GrpcCall call) {
        try {
            caller(call);
            return true;
        } catch (GrpcRefusal e) {
            return e.status() == GrpcStatus.UNAVAILABLE;
        }
    }

    /** @throws GrpcRefusal if this node doesn't know the environment yet */
    ServedState newest(View view) {
        return states.newest(view.environment())
                .orElseThrow(() -> new GrpcRefusal(
                        GrpcStatus.UNAVAILABLE,
                        "environment: " + view.environment() + " (expected: one that exists). Create it, or start the"
                                + " server with another --flagd-environment."));
    }

    /**
     * Whose key the call has, if it has one.
     *
     * @throws GrpcRefusal if it isn't in force, or can't be checked
     */
    Optional<Caller> caller(GrpcCall call) {
        Optional<String> credential = call.header("authorization");
        if (credential.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(authoriser.authorise(credential.get(), Access.EVALUATOR));
        } catch (ProblemException e) {
            if (!follows.getAsBoolean()) {
                throw new GrpcRefusal(
                        GrpcStatus.UNAVAILABLE,
                        "key: can't be checked while the ledger is out of reach (expected: a key that this node knows)."
                                + " Try again in a second or more.");
            }
            String next = e.problem().next().map(step -> " " + step).orElse("");
            throw new GrpcRefusal(
                    e.problem().status() == 403 ? GrpcStatus.PERMISSION_DENIED : GrpcStatus.UNAUTHENTICATED,
                    e.problem().detail() + next);
        }
    }

    private View selected(String selector, List<String> environments) {
        if (!selector.startsWith(FLAG_SET)) {
            throw unknown(selector, environments);
        }
        String name = selector.substring(FLAG_SET.length()).strip();
        if (environments.contains(name)) {
            return new View(name, Optional.empty());
        }
        int slash = name.indexOf('/');
        String environment = slash < 0 ? environments.getFirst() : name.substring(0, slash);
        String tag = name.substring(slash + 1);
        if (!environments.contains(environment) || !tags(environment).contains(tag)) {
            throw unknown(selector, environments);
        }
        return new View(environment, Optional.of(tag));
    }

    private GrpcRefusal unknown(String selector, List<String> environments) {
        SortedSet<String> known = new TreeSet<>(environments);
        known.addAll(tags(environments.getFirst()));
        List<String> near = Nearest.to(selector.replace(FLAG_SET, ""), known);
        List<String> named = near.isEmpty() ? known.stream().limit(MOST_NAMED).toList() : near;
        return new GrpcRefusal(
                GrpcStatus.NOT_FOUND,
                "selector: " + selector + " (expected: " + FLAG_SET + "NAME with an environment, a tag of flags in "
                        + environments.getFirst() + ", or ENVIRONMENT/TAG, such as " + String.join(", ", named)
                        + "). Give a flag the tag, or open the environment with --flagd-environment.");
    }

    private SortedSet<String> tags(String environment) {
        Optional<ServedState> state = states.newest(environment);
        if (state.isEmpty()) {
            return new TreeSet<>();
        }
        Tags known = tags.get(environment);
        if (known == null || !known.state().equals(state.get().id())) {
            known = new Tags(state.get().id(), tags(state.get()));
            tags.put(environment, known);
        }
        return known.names();
    }

    private static SortedSet<String> tags(ServedState state) {
        SortedSet<String> names = new TreeSet<>();
        EnvironmentImage environment =
                state.image().environment(state.environment()).orElseThrow();
        for (String flag : environment.configurations().keySet()) {
            names.addAll(state.image().flag(flag).map(Flag::tags).orElse(new TreeSet<>()));
        }
        return names;
    }
}

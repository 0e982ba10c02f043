package dev.andon.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Role;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.server.MemoryPlane;
import dev.andon.server.node.Drain;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Seals;
import dev.andon.server.node.ServedStates;
import dev.andon.server.ofrep.Ofrep;
import dev.andon.server.ofrep.OfrepLimits;
import dev.andon.store.LedgerPosition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What OFREP answers on the event loop, where kills wait for it. */
class OfrepAtOnceTest {
    private static final String ENVIRONMENT = "production";

    @TempDir
    private Path folder;

    private final ServedStates states = new ServedStates(() -> Instant.EPOCH);
    private final List<Event> events = new ArrayList<>();
    private Image image = Image.EMPTY;
    private Route one;
    private Route all;

    @BeforeEach
    void start() {
        MemoryPlane plane = new MemoryPlane(() -> Instant.EPOCH);
        List<Route> routes = new Ofrep(
                        states,
                        plane,
                        Seals.in(folder),
                        OfrepLimits.DEFAULT,
                        ForeignListener.NONE,
                        new Random(1),
                        () -> Instant.EPOCH,
                        () -> 0,
                        new Drain(() -> 0))
                .routes();
        one = routes.get(0);
        all = routes.get(1);
        events.add(new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
        flag("small", Json.of(true), List.of());
    }

    private void flag(String key, Json value, List<Rule> rules) {
        ValueType type = value instanceof Json.Bool ? ValueType.BOOLEAN : ValueType.STRING;
        events.add(new Event.FlagSaved(new Flag(
                key, FlagKind.OPS, type, "team", "", Collections.emptySortedSet(), OptionalInt.empty(), false)));
        events.add(new Event.ConfigurationSaved(
                ENVIRONMENT,
                key,
                new Configuration(
                        Map.of("on", value),
                        "on",
                        true,
                        List.of(),
                        rules,
                        new Serve.Fixed("on"),
                        new WhenBlind.Keep())));
    }

    /** A rule that takes about so many steps. */
    private static Rule rule(int steps) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            texts.add("text-" + i);
        }
        return new Rule(
                "", new Condition.TextMatch("x", Condition.TextOperator.CONTAINS, texts), new Serve.Fixed("on"));
    }

    private void publish() {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        events.forEach(event -> delta.apply(1, event));
        Image before = image;
        image = delta.build(new Provenance("ledger", 1, events.size()));
        states.publish(new Publication(before, image, LedgerPosition.START, List.of(), false));
    }

    private Call call(Route route, String key) {
        byte[] body = "{\"context\":{\"targetingKey\":\"ann\"}}".getBytes(StandardCharsets.UTF_8);
        Caller caller = new Caller("t1", "page", Role.CLIENT, Optional.of(ENVIRONMENT), "0".repeat(64));
        return new Call(route, Map.of("key", key), Map.of(), Map.of(), body, Optional.of(caller), "c", "127.0.0.1");
    }

    private Optional<Action> atOnce(String key) {
        return one.prompt().apply(call(one, key));
    }

    private Optional<Action> allAtOnce() {
        return all.prompt().apply(call(all, ""));
    }

    /** As an evaluation before did, on a thread that may wait. */
    private void compile() {
        states.newest(ENVIRONMENT).orElseThrow().flags();
    }

    @Test
    void nothingIsCompiledAtOnce() throws Exception {
        publish();
        assertThat(atOnce("small")).isEmpty();
        assertThat(allAtOnce()).isEmpty();
        compile();
        assertThat(atOnce("small")).isPresent();
        assertThat(atOnce("smell")).isEmpty();
        assertThat(atOnce("small").orElseThrow().handle(call(one, "small")).status())
                .isEqualTo(200);
        assertThat(allAtOnce().orElseThrow().handle(call(all, "")).status()).isEqualTo(200);
    }

    @Test
    void whatIsAnsweredAtOnceIsOfTheStateThatWasLookedAtWhateverComesMeanwhile() throws Exception {
        publish();
        compile();
        Action oneBefore = atOnce("small").orElseThrow();
        Action allBefore = allAtOnce().orElseThrow();
        kill(Optional.empty());
        oneBefore.handle(call(one, "small"));
        allBefore.handle(call(all, ""));
        assertThat(states.newest(ENVIRONMENT).orElseThrow().compiled()).isFalse();
        assertThat(atOnce("small")).isEmpty();
    }

    @Test
    void whatTakesManyStepsIsNot() {
        flag("long", Json.of(true), List.of(rule(600), rule(600)));
        publish();
        compile();
        assertThat(atOnce("long")).isEmpty();
        assertThat(atOnce("small")).isPresent();
        assertThat(allAtOnce()).isEmpty();
    }

    @Test
    void whatTakesManyStepsTogetherIsNotTogether() {
        flag("long", Json.of(true), List.of(rule(600)));
        flag("longer", Json.of(true), List.of(rule(600)));
        publish();
        compile();
        assertThat(atOnce("long")).isPresent();
        assertThat(allAtOnce()).isEmpty();
    }

    @Test
    void largeValuesAreNot() {
        flag("large", Json.of("x".repeat(40_000)), List.of());
        publish();
        compile();
        assertThat(atOnce("large")).isEmpty();
        assertThat(atOnce("small")).isPresent();
        assertThat(allAtOnce()).isEmpty();
    }

    @Test
    void valuesThatAreLargeTogetherAreNotTogether() {
        flag("half", Json.of("x".repeat(20_000)), List.of());
        flag("other-half", Json.of("x".repeat(20_000)), List.of());
        publish();
        compile();
        assertThat(atOnce("half")).isPresent();
        assertThat(allAtOnce()).isEmpty();
    }

    @Test
    void whileAKillForSomeStandsNothingIs() {
        publish();
        kill(Optional.of(rule(1).when()));
        compile();
        assertThat(atOnce("small")).isEmpty();
        assertThat(allAtOnce()).isEmpty();
    }

    private void kill(Optional<Condition> audience) {
        TreeSet<String> flags = new TreeSet<>(List.of("small"));
        Kill kill = new Kill(
                new KillId("9f86d081", 1),
                ENVIRONMENT,
                new Target.OneFlag("small"),
                flags,
                audience,
                List.of(),
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty(),
                new Kill.Resolved(1, 1, true));
        StandingKill standing = new StandingKill(new SignedKill(kill.toJson().text(), "unsigned", kill), flags);
        states.onKills(ENVIRONMENT, List.of(standing));
    }
}

package dev.andon.cli;

import dev.andon.cli.text.Times;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a flag does in an environment, as options: each changes one thing and leaves the rest as it is. */
final class Settings {
    private static final String UNCHANGED = "Nothing has been changed.";

    @Option(names = "--on", description = "Switch it on: rules and fall-through decide.")
    private boolean on;

    @Option(names = "--off", description = "Switch it off: it serves its safe variant.")
    private boolean off;

    @Option(names = "--serve", paramLabel = "VARIANT", description = "What it serves where no rule decides.")
    private Optional<String> serve = Optional.empty();

    @Option(
            names = "--split",
            paramLabel = "VARIANT=WEIGHT",
            split = ",",
            description = "Serve variants by weight where no rule decides, such as on=20,off=80.")
    private Map<String, String> split = new LinkedHashMap<>();

    @Option(names = "--safe", paramLabel = "VARIANT", description = "What a kill, and 'off', serves.")
    private Optional<String> safe = Optional.empty();

    @Option(
            names = "--variant",
            paramLabel = "NAME=VALUE",
            description = "Add a variant or change its value; may be repeated.")
    private Map<String, String> variants = new LinkedHashMap<>();

    @Option(
            names = "--when-blind",
            paramLabel = "keep|TIME",
            description =
                    "What processes do that lost contact: keep the last state, or serve safe after a TIME such as 60s.")
    private Optional<String> whenBlind = Optional.empty();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description =
                    "JSON (- for standard input): an array replaces the rules, an object the whole configuration.")
    private Optional<String> file = Optional.empty();

    boolean given() {
        return on
                || off
                || serve.isPresent()
                || !split.isEmpty()
                || safe.isPresent()
                || !variants.isEmpty()
                || whenBlind.isPresent()
                || file.isPresent();
    }

    /** The configuration with what the options say in its place. */
    Map<String, Json> over(Shell shell, String type, Map<String, Json> before) {
        refuseContradictions();
        Map<String, Json> configuration = new LinkedHashMap<>(before);
        file.ifPresent(name -> {
            switch (FromFile.json(shell, "--file", name)) {
                case Json.Array rules -> configuration.put("rules", rules);
                case Json.Members(Map<String, Json> whole) -> {
                    configuration.clear();
                    configuration.putAll(whole);
                }
                default ->
                    throw CommandFailure.usage(
                            "--file", name, "an array of rules or an object with a configuration", UNCHANGED);
            }
        });
        if (!variants.isEmpty()) {
            configuration.put("variants", variants(type, configuration.getOrDefault("variants", Json.Null.NULL)));
        }
        if (on || off) {
            configuration.put("on", Json.of(on));
        }
        safe.ifPresent(variant -> configuration.put("safeVariant", Json.of(variant)));
        serve.ifPresent(variant -> configuration.put(
                "fallThrough", Json.object().put("variant", variant).build()));
        if (!split.isEmpty()) {
            configuration.put("fallThrough", split());
        }
        whenBlind.ifPresent(text -> configuration.put("whenBlind", whenBlind(text)));
        return configuration;
    }

    private void refuseContradictions() {
        if (on && off) {
            throw CommandFailure.usage("--on", "beside --off", "one of --on and --off", UNCHANGED);
        }
        if (serve.isPresent() && !split.isEmpty()) {
            throw CommandFailure.usage("--serve", "beside --split", "one of --serve and --split", UNCHANGED);
        }
    }

    private Json variants(String type, Json before) {
        Map<String, Json> all = new LinkedHashMap<>();
        if (before instanceof Json.Members(Map<String, Json> known)) {
            all.putAll(known);
        }
        variants.forEach((name, text) -> all.put(name, value(type, name, text)));
        return new Json.Members(all);
    }

    private static Json value(String type, String name, String text) {
        if (type.equals(ValueType.STRING.word())) {
            return Json.of(text);
        }
        try {
            return Json.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidInput e) {
            throw CommandFailure.usage("--variant " + name, '"' + text + '"', "a value of type " + type, UNCHANGED);
        }
    }

    private Json split() {
        List<Json> shares = new ArrayList<>();
        split.forEach((variant, text) -> {
            try {
                shares.add(Json.object()
                        .put("variant", variant)
                        .put("weight", Integer.parseUnsignedInt(text.strip()))
                        .build());
            } catch (NumberFormatException e) {
                throw CommandFailure.usage(
                        "--split",
                        variant + "=" + text,
                        "variants with whole weights, such as on=20,off=80",
                        UNCHANGED);
            }
        });
        return Json.object().put("split", Json.array(shares)).build();
    }

    private static Json whenBlind(String text) {
        if (text.equals("keep")) {
            return Json.object().put("keep", true).build();
        }
        long seconds = Times.seconds("--when-blind", text);
        return Json.object().put("safeAfterSeconds", seconds).build();
    }
}

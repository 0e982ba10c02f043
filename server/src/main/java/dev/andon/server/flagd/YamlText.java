package dev.andon.server.flagd;

import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/**
 * JSON as YAML 1.2 for people: in blocks, each line whole, without anchors. Strings stand in quotes unless every reader, those
 * of YAML 1.1 included, takes them for strings without: flagd's own reads {@code 010} as a number.
 */
final class YamlText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z$][A-Za-z0-9_./-]*");
    private static final Pattern WORD = Pattern.compile("y|n|yes|no|on|off|true|false|null", Pattern.CASE_INSENSITIVE);

    private YamlText() {}

    static String of(Json json) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setDereferenceAliases(true)
                .setSplitLines(false)
                .build();
        return new Dump(settings, new Quoting(settings)).dumpToString(plain(json));
    }

    private static final class Quoting extends StandardRepresenter {
        Quoting(DumpSettings settings) {
            super(settings);
            representers.put(String.class, this::text);
        }

        private Node text(Object value) {
            String text = (String) value;
            boolean plain = PLAIN.matcher(text).matches() && !WORD.matcher(text).matches();
            return representScalar(Tag.STR, text, plain ? ScalarStyle.PLAIN : ScalarStyle.DOUBLE_QUOTED);
        }
    }

    private static @Nullable Object plain(Json json) {
        return switch (json) {
            case Json.Null nothing -> null;
            case Json.Bool bool -> bool.value();
            case Json.Text text -> text.value();
            case Json.Whole whole -> whole.value();
            case Json.Decimal decimal -> decimal.value();
            case Json.Array array -> {
                List<@Nullable Object> items = new ArrayList<>();
                array.items().forEach(item -> items.add(plain(item)));
                yield items;
            }
            case Json.Members object -> {
                Map<String, @Nullable Object> members = new LinkedHashMap<>();
                object.members().forEach((name, value) -> members.put(name, plain(value)));
                yield members;
            }
        };
    }
}

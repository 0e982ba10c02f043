package dev.andon.core.json;

import dev.andon.core.shaded.jackson.core.JsonFactory;
import dev.andon.core.shaded.jackson.core.JsonFactoryBuilder;
import dev.andon.core.shaded.jackson.core.JsonGenerator;
import dev.andon.core.shaded.jackson.core.json.JsonWriteFeature;
import dev.andon.core.shaded.jackson.core.util.DefaultIndenter;
import dev.andon.core.shaded.jackson.core.util.DefaultPrettyPrinter;
import dev.andon.core.shaded.jackson.core.util.Separators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes {@link Json} as UTF-8; half a surrogate pair, which UTF-8 can't hold, becomes U+FFFD. */
final class JsonWriter {
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    private static final int EMPTY_OBJECT_BYTES = 2;

    private JsonWriter() {}

    static byte[] write(Json json, boolean indented) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            if (indented) {
                Separators separators =
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER);
                DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
                generator.setPrettyPrinter(new DefaultPrettyPrinter(separators)
                        .withArrayIndenter(indenter)
                        .withObjectIndenter(indenter));
            }
            write(json, generator);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] write(String name, List<byte[]> items, Json others) {
        byte[] array = Json.of(name).utf8();
        byte[] rest = others.utf8();
        int bytes = array.length + rest.length + 4;
        for (byte[] item : items) {
            bytes += item.length + 1;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes);
        out.write('{');
        out.writeBytes(array);
        out.write(':');
        char before = '[';
        for (byte[] item : items) {
            out.write(before);
            out.writeBytes(item);
            before = ',';
        }
        if (items.isEmpty()) {
            out.write('[');
        }
        out.write(']');
        boolean alone = rest.length == EMPTY_OBJECT_BYTES;
        if (!alone) {
            out.write(',');
        }
        out.write(rest, 1, rest.length - 1);
        return out.toByteArray();
    }

    static byte[] joined(byte[] object, byte[] others) {
        byte[] all = Arrays.copyOf(object, object.length + others.length - 1);
        System.arraycopy(others, 0, all, object.length - 1, others.length);
        all[object.length - 1] = ',';
        return all;
    }

    private static void write(Json json, JsonGenerator out) throws IOException {
        if (json instanceof Json.Members object) {
            out.writeStartObject();
            for (Map.Entry<String, Json> member : object.members().entrySet()) {
                out.writeFieldName(Surrogates.paired(member.getKey()));
                write(member.getValue(), out);
            }
            out.writeEndObject();
        } else if (json instanceof Json.Array array) {
            out.writeStartArray();
            for (Json item : array.items()) {
                write(item, out);
            }
            out.writeEndArray();
        } else if (json instanceof Json.Text text) {
            out.writeString(Surrogates.paired(text.value()));
        } else if (json instanceof Json.Whole whole) {
            out.writeNumber(whole.value());
        } else if (json instanceof Json.Decimal decimal) {
            out.writeNumber(decimal.value());
        } else if (json instanceof Json.Bool bool) {
            out.writeBoolean(bool.value());
        } else {
            out.writeNull();
        }
    }
}

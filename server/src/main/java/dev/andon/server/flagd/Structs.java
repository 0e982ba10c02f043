package dev.andon.server.flagd;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON in protobuf's words and back. Protobuf has one kind of number; those without a fraction are read as whole ones. */
final class Structs {
    /** Up to here, every whole number is one of protobuf's. */
    private static final double EXACT = 1L << 53;

    private Structs() {}

    static Struct struct(Map<String, Json> members) {
        Struct.Builder struct = Struct.newBuilder();
        members.forEach((name, value) -> struct.putFields(name, value(value)));
        return struct.build();
    }

    static Value value(Json json) {
        Value.Builder value = Value.newBuilder();
        return switch (json) {
            case Json.Null nothing -> value.setNullValue(NullValue.NULL_VALUE).build();
            case Json.Bool bool -> value.setBoolValue(bool.value()).build();
            case Json.Text text -> value.setStringValue(text.value()).build();
            case Json.Whole whole ->
                value.setNumberValue((double) whole.value()).build();
            case Json.Decimal decimal -> value.setNumberValue(decimal.value()).build();
            case Json.Array array -> {
                ListValue.Builder list = ListValue.newBuilder();
                array.items().forEach(item -> list.addValues(value(item)));
                yield value.setListValue(list).build();
            }
            case Json.Members members ->
                value.setStructValue(struct(members.members())).build();
        };
    }

    /** @throws InvalidInput for a number that JSON doesn't have */
    static Map<String, Json> members(Struct struct) {
        Map<String, Json> members = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((name, value) -> members.put(name, json(value)));
        return members;
    }

    private static Json json(Value value) {
        return switch (value.getKindCase()) {
            case NULL_VALUE, KIND_NOT_SET -> Json.Null.NULL;
            case BOOL_VALUE -> Json.of(value.getBoolValue());
            case STRING_VALUE -> Json.of(value.getStringValue());
            case NUMBER_VALUE -> number(value.getNumberValue());
            case STRUCT_VALUE -> new Json.Members(members(value.getStructValue()));
            case LIST_VALUE -> {
                List<Json> items = new ArrayList<>();
                value.getListValue().getValuesList().forEach(item -> items.add(json(item)));
                yield new Json.Array(items);
            }
        };
    }

    private static Json number(double value) {
        boolean whole = Math.rint(value) == value && Math.abs(value) <= EXACT;
        return whole ? Json.of((long) value) : Json.of(value);
    }
}

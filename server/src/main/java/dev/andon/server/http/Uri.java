package dev.andon.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request target in origin form (RFC 9112 3.2.1), decoded strictly: what isn't percent-encoded UTF-8 is refused. */
record Uri(List<String> parts, Map<String, String> query) {
    private static final int MAX_PARTS = 16;
    private static final int MAX_PARAMETERS = 32;

    static Uri parse(String target) {
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        if (!path.startsWith("/")) {
            throw Problems.invalid("path", path, "a path that begins with /");
        }
        List<String> parts = new ArrayList<>();
        for (String part : path.substring(1).split("/", -1)) {
            if (parts.size() == MAX_PARTS) {
                throw Problems.invalid("path", path, "at most " + MAX_PARTS + " parts");
            }
            parts.add(decode("path", part, false));
        }
        return new Uri(parts, question < 0 ? Map.of() : query(target.substring(question + 1)));
    }

    /** The path's first parts, not decoded. */
    static List<String> asWritten(String target) {
        String path = target.split("\\?", 2)[0];
        return List.of((path.startsWith("/") ? path.substring(1) : path).split("/", MAX_PARTS));
    }

    private static Map<String, String> query(String text) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decode("query", equals < 0 ? pair : pair.substring(0, equals), true);
            String value = equals < 0 ? "" : decode("query." + name, pair.substring(equals + 1), true);
            if (query.put(name, value) != null) {
                throw Problems.invalid("query." + name, "given twice", "one value");
            }
            if (query.size() > MAX_PARAMETERS) {
                throw Problems.invalid("query", query.size() + " parameters", "at most " + MAX_PARAMETERS);
            }
        }
        return query;
    }

    private static String decode(String field, String text, boolean plusIsSpace) {
        if (text.indexOf('%') < 0 && (!plusIsSpace || text.indexOf('+') < 0)) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '%') {
                boolean whole = i + 2 <= bytes.length - 1;
                int high = whole ? Character.digit(bytes[i + 1], 16) : -1;
                int low = whole ? Character.digit(bytes[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw Problems.invalid(field, text, "percent-encoded UTF-8: % and two hexadecimal digits");
                }
                decoded.put((byte) (high * 16 + low));
                i += 2;
            } else {
                decoded.put(plusIsSpace && b == '+' ? (byte) ' ' : b);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw Problems.invalid(field, text, "percent-encoded UTF-8");
        }
    }
}

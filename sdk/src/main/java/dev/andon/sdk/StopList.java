package dev.andon.sdk;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stops as people write them down, and what of it made no sense: that takes nothing from the rest. Immutable.
 *
 * @param stops one for each target, the first to name it
 * @param problems a sentence each
 */
record StopList(List<LocalStop> stops, List<String> problems) {
    static final StopList NONE = new StopList(List.of(), List.of());

    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final Pattern LINE = Pattern.compile("\"([^\"]*)\"(\\s.*|)", Pattern.DOTALL);
    private static final String EXPECTED = "a flag's key, tag:TAG, owner:OWNER, kind:KIND or everything";

    StopList {
        stops = List.copyOf(stops);
        problems = List.copyOf(problems);
    }

    /** Reads {@code new-checkout,tag:vendor:stripe}. */
    static StopList ofVariable(String name, String text) {
        Reading reading = new Reading(LocalStop.Source.ENVIRONMENT);
        for (String item : text.split(",", -1)) {
            reading.add(name, item.strip(), "set in " + name);
        }
        return reading.list();
    }

    /**
     * Reads one target a line, in quotation marks if there is space in it, a reason after it; what begins with {@code #}
     * is a comment.
     */
    static StopList ofFile(String text) {
        Reading reading = new Reading(LocalStop.Source.FILE);
        int number = 0;
        String body = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        for (String line : body.split("\\R", -1)) {
            number++;
            String order = line.strip();
            if (!order.isEmpty() && !order.startsWith("#")) {
                Matcher parts = LINE.matcher(order);
                boolean quoted = parts.matches();
                String target = quoted ? parts.group(1) : order.split("\\s+", 2)[0];
                String reason = order.substring(quoted ? parts.start(2) : target.length())
                        .strip();
                reading.add("kill file, line " + number, target, reason.isEmpty() ? "set in the kill file" : reason);
            }
        }
        return reading.list();
    }

    StopList with(String problem) {
        List<String> more = new ArrayList<>(problems);
        more.add(clean(problem, Frame.LocalStops.PROBLEM_CHARS));
        return new StopList(stops, more);
    }

    /** Fit to be sent and shown. */
    static String clean(String text, int maxChars) {
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .limit(maxChars + 1L)
                .forEach(c -> clean.appendCodePoint(Character.isISOControl(c) || isSurrogate(c) ? '?' : c));
        if (clean.length() <= maxChars) {
            return clean.toString();
        }
        int end = maxChars - 1;
        return clean.substring(0, Character.isHighSurrogate(clean.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** One list of several: the first to say something counts, and what is too much is said. */
    static final class Joining {
        private final List<LocalStop> stops = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        void add(StopList list) {
            for (LocalStop stop : list.stops) {
                if (!stops.contains(stop)) {
                    stops.add(stop);
                }
            }
            problems.addAll(list.problems);
        }

        StopList list() {
            return new StopList(stops, problems);
        }
    }

    private static final class Reading {
        private final LocalStop.Source source;
        private final Map<Target, LocalStop> stops = new LinkedHashMap<>();
        private final List<String> problems = new ArrayList<>();
        private int others;

        Reading(LocalStop.Source source) {
            this.source = source;
        }

        void add(String where, String target, String reason) {
            try {
                Target parsed = Target.parse(target);
                if (stops.size() == Frame.LocalStops.MAX_STOPS && !stops.containsKey(parsed)) {
                    problem(where + ": " + target + " (expected: at most " + Frame.LocalStops.MAX_STOPS
                            + " targets; aim at a tag, or at everything)");
                } else {
                    stops.putIfAbsent(parsed, new LocalStop(source, parsed, clean(reason, LocalStop.REASON_CHARS)));
                }
            } catch (InvalidInput e) {
                problem(where + ": " + (target.isEmpty() ? "nothing" : target) + " (expected: " + EXPECTED + ")");
            }
        }

        private void problem(String text) {
            if (problems.size() < Frame.LocalStops.MAX_PROBLEMS - 1) {
                problems.add(clean(text, Frame.LocalStops.PROBLEM_CHARS));
            } else {
                others++;
            }
        }

        StopList list() {
            if (others > 0) {
                problems.add("and " + others + " more that make no sense, or are too many");
            }
            return new StopList(List.copyOf(stops.values()), problems);
        }
    }
}

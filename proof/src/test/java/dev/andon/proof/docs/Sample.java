package dev.andon.proof.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares what a guide shows with what a command printed. Ids, times, durations, secrets, addresses and versions of the
 * SDK differ from run to run: they only need to be of the same kind, and what stood for what is remembered for the commands
 * to come. Widths of columns don't count.
 */
final class Sample {
    private static final Pattern VARIABLE = Pattern.compile("(?<kill>\\b[0-9a-f]{24}-[0-9]+\\b)"
            + "|(?<token>\\b[0-9a-f]{12}\\b)"
            + "|(?<secret>\\bandon_[a-z]+_[A-Za-z0-9_-]+)"
            + "|(?<moment>\\b\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z)"
            + "|(?<time>\\b\\d+(?:\\.\\d+)? (?:ms|s)\\b)"
            + "|(?<address>https?://127\\.0\\.0\\.1:\\d+)"
            + "|(?<sdk>\\bandon-java/[A-Za-z0-9.-]+)"
            + "|(?<any>…)");
    private static final Map<String, String> KINDS = Map.of(
            "kill", "[0-9a-f]{24}-[0-9]+",
            "token", "[0-9a-f]{12}",
            "secret", "andon_[a-z]+_[A-Za-z0-9_-]+",
            "moment", "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z",
            "time", "\\d+(?:\\.\\d+)? (?:ms|s)",
            "address", "https?://127\\.0\\.0\\.1:\\d+",
            "sdk", "andon-java/[A-Za-z0-9.-]+",
            "any", ".*");

    /** What may be asked for again; a time, or any text, stands for nothing. */
    private static final Set<String> REMEMBERED = Set.of("kill", "token", "secret", "address");

    private final Map<String, String> actual = new LinkedHashMap<>();

    /** Says what something on the page stands for. */
    void stands(String shown, String real) {
        actual.put(shown, real);
    }

    /** The word with what it stands for in this run. */
    String translate(String word) {
        String translated = word;
        for (Map.Entry<String, String> known : actual.entrySet()) {
            translated = translated.replace(known.getKey(), known.getValue());
        }
        return translated;
    }

    /** Says where the two differ; nothing if they don't. */
    Optional<String> difference(List<String> shown, List<String> printed) {
        List<String> wanted = trimmed(shown);
        List<String> lines = trimmed(printed);
        int at = 0;
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).equals("…")) {
                if (i == wanted.size() - 1) {
                    return Optional.empty();
                }
                String next = wanted.get(i + 1);
                while (at < lines.size() && !matches(next, lines.get(at))) {
                    at++;
                }
            } else if (at == lines.size() || !matches(wanted.get(i), lines.get(at))) {
                String got = at == lines.size() ? "nothing more" : lines.get(at);
                return Optional.of("shown:   " + wanted.get(i) + "\nprinted: " + got);
            } else {
                at++;
            }
        }
        return at == lines.size() ? Optional.empty() : Optional.of("shown:   nothing more\nprinted: " + lines.get(at));
    }

    private static List<String> trimmed(List<String> lines) {
        return lines.stream()
                .map(line -> line.strip().replaceAll(" +", " "))
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private boolean matches(String shown, String printed) {
        List<String> samples = new ArrayList<>();
        List<String> kinds = new ArrayList<>();
        StringBuilder regex = new StringBuilder();
        Matcher variable = VARIABLE.matcher(shown);
        int end = 0;
        while (variable.find()) {
            regex.append(Pattern.quote(translate(shown.substring(end, variable.start()))));
            regex.append('(').append(KINDS.get(kind(variable))).append(')');
            samples.add(variable.group());
            kinds.add(kind(variable));
            end = variable.end();
        }
        regex.append(Pattern.quote(translate(shown.substring(end))));
        Matcher matcher = Pattern.compile(regex.toString()).matcher(printed);
        if (!matcher.matches()) {
            return false;
        }
        for (int i = 0; i < samples.size(); i++) {
            if (REMEMBERED.contains(kinds.get(i))) {
                actual.put(samples.get(i), matcher.group(i + 1));
            }
        }
        return true;
    }

    private static String kind(Matcher variable) {
        return KINDS.keySet().stream()
                .filter(kind -> variable.group(kind) != null)
                .findFirst()
                .orElseThrow();
    }
}

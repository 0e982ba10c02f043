package dev.andon.cli.text;

import dev.andon.core.json.InvalidInput;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and moments as people read and write them. Moments are always in UTC: incidents cross time zones. */
public final class Times {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final String DURATION_FORM = "a duration such as 500ms, 10s, 2m, 1h or 30d";
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter FINE = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Times() {}

    /** Reads {@code 500ms}, {@code 10s}, {@code 2m}, {@code 1h}, {@code 30d}. */
    public static Duration duration(String name, String text) {
        Matcher matcher = DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            throw new InvalidInput(name, '"' + text + '"', DURATION_FORM);
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    /** Reads a duration that is to be whole seconds, and gives their number. */
    public static long seconds(String name, String text) {
        Duration duration = duration(name, text);
        if (duration.toMillis() % 1_000 != 0) {
            throw new InvalidInput(name, '"' + text + '"', "whole seconds, such as 60s, 5m or 1h");
        }
        return duration.toSeconds();
    }

    /** Reads a duration that is to be whole days, and gives their number. */
    public static long days(String name, String text) {
        Duration duration = duration(name, text);
        if (!duration.equals(Duration.ofDays(duration.toDays()))) {
            throw new InvalidInput(name, '"' + text + '"', "whole days, such as 90d");
        }
        return duration.toDays();
    }

    /** A length of time in the unit that suits it, such as {@code 7 ms}, {@code 1.25 s}, {@code 3 min}. */
    public static String shown(Duration duration) {
        long ms = duration.toMillis();
        if (ms < 1_000) {
            return ms + " ms";
        }
        if (ms < 60_000) {
            return String.format(Locale.ROOT, ms < 10_000 ? "%.2f s" : "%.1f s", ms / 1_000.0);
        }
        if (ms < 3_600_000) {
            return ms / 60_000 + " min" + (ms / 1_000 % 60 == 0 ? "" : " " + ms / 1_000 % 60 + " s");
        }
        return ms < 86_400_000 ? ms / 3_600_000 + " h" : ms / 86_400_000 + " d";
    }

    /** Milliseconds as a receipt gives them: {@code 3.2 ms} below ten, whole ones above. */
    public static String shownMs(double ms) {
        return ms < 10 && ms != Math.rint(ms)
                ? String.format(Locale.ROOT, "%.1f ms", ms)
                : shown(Duration.ofMillis(Math.round(ms)));
    }

    /** {@code 2026-11-22 14:03:07Z}. */
    public static String moment(Instant instant) {
        return MOMENT.format(instant);
    }

    /** {@code 2026-11-22 14:03:07.123Z}. */
    public static String fineMoment(Instant instant) {
        return FINE.format(instant);
    }
}

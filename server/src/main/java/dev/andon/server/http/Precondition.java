package dev.andon.server.http;

import dev.andon.core.json.Json;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a caller wants to be there when a change is made, by {@code If-Match} and {@code If-None-Match}. Immutable. */
public sealed interface Precondition {
    /** Nothing was said. */
    record None() implements Precondition {}

    /** Whatever is there, if something is. */
    record Anything() implements Precondition {}

    /** Nothing may be there yet. */
    record Absent() implements Precondition {}

    /** Exactly this version. */
    record Version(long version) implements Precondition {}

    Pattern ENTITY_TAG = Pattern.compile("\"(0|[1-9][0-9]{0,17})\"");

    static Precondition read(Optional<String> ifMatch, Optional<String> ifNoneMatch) {
        if (ifMatch.isPresent() && ifNoneMatch.isPresent()) {
            throw Problems.invalid("If-None-Match", "beside If-Match", "one of If-Match and If-None-Match");
        }
        if (ifNoneMatch.isPresent()) {
            if (!ifNoneMatch.get().equals("*")) {
                throw Problems.invalid("If-None-Match", ifNoneMatch.get(), "*");
            }
            return new Absent();
        }
        if (ifMatch.isEmpty()) {
            return new None();
        }
        if (ifMatch.get().equals("*")) {
            return new Anything();
        }
        Matcher matcher = ENTITY_TAG.matcher(ifMatch.get());
        if (!matcher.matches()) {
            throw Problems.invalid("If-Match", ifMatch.get(), "one version in double quotes such as \"17\", or *");
        }
        long version = Long.parseLong(matcher.group(1));
        return version == 0 ? new Absent() : new Version(version);
    }

    /**
     * Refuses with 412 unless what is there is what the caller wants; and with 428 when a change replaces something without
     * the caller having said what.
     *
     * @param current 0 if nothing is there
     */
    default void checkReplacing(String subject, long current) {
        if (this instanceof None && current != 0) {
            throw new ProblemException(Problem.of(
                            428,
                            "precondition-required",
                            "Say which version this replaces",
                            subject + ": there is a version " + current + " that this request would replace unseen")
                    .at("If-Match", "nothing", "\"" + current + "\", or * to replace whatever is there")
                    .next("Read it, make the change on what you read, and send If-Match with its ETag.")
                    .current(current));
        }
        check(subject, current);
    }

    /** Refuses with 412 unless what is there is what the caller wants. */
    default void check(String subject, long current) {
        boolean holds = switch (this) {
            case None none -> true;
            case Anything anything -> current != 0;
            case Absent absent -> current == 0;
            case Version wanted -> wanted.version() == current;
        };
        if (!holds) {
            String is = current == 0 ? "nothing is there" : "version " + current + " is there";
            throw new ProblemException(Problem.of(
                            412,
                            "precondition-failed",
                            "It isn't the version you expect",
                            subject + ": " + is + " (expected: " + wanted() + ")")
                    .at(
                            "If-Match",
                            wanted(),
                            current == 0
                                    ? "If-None-Match: *"
                                    : Json.of("" + current).text())
                    .next("Read it again, make the change on what you read, and send If-Match with its ETag.")
                    .current(current));
        }
    }

    private String wanted() {
        return switch (this) {
            case None none -> "anything or nothing";
            case Anything anything -> "anything";
            case Absent absent -> "nothing";
            case Version version -> "\"" + version.version() + "\"";
        };
    }
}

package dev.andon.bench.evaluation;

import java.util.function.Function;
import java.util.stream.IntStream;

/** Whom the flags are evaluated for: users in turn, all in a country that the rule asks for, half of them in the split's first share. */
final class Caller {
    /** A power of two. */
    static final int USERS = 64;

    static final String COUNTRY = "DE";

    private Caller() {}

    static String user(int number) {
        return "user-" + (4_711 + number % USERS);
    }

    /** One context for each user, as an engine wants it. */
    static <T> T[] contexts(Function<String, T> context, T[] empty) {
        return IntStream.range(0, USERS)
                .mapToObj(i -> context.apply(user(i)))
                .toList()
                .toArray(empty);
    }
}

package dev.andon.bench.evaluation;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What somebody would write who needed these two flags and nothing else: no counts, no kills, no reasons. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ByHand {
    private final User[] users =
            Caller.contexts(name -> new User(name, new HashMap<>(Map.of("country", Caller.COUNTRY))), new User[0]);
    private volatile Map<String, Flag> flags = flags();
    private int next;

    record User(String name, Map<String, String> attributes) {}

    /** @param countries empty stands for all */
    record Flag(Set<String> countries, int percent) {
        boolean isOn(User user) {
            return countries.isEmpty()
                    || (countries.contains(user.attributes().getOrDefault("country", ""))
                            && bucket(user.name()) < percent);
        }

        /** FNV-1a, 32 bit. */
        private static int bucket(String name) {
            int hash = 0x811c9dc5;
            for (byte one : name.getBytes(StandardCharsets.ISO_8859_1)) {
                hash = (hash ^ one) * 0x01000193;
            }
            return Math.floorMod(hash, 100);
        }
    }

    public ByHand() {
        int in = 0;
        for (int i = 0; i < users.length; i++) {
            in += evaluate(Flags.SPLIT) ? 1 : 0;
        }
        Flags.check(evaluate(Flags.CONSTANT), in);
    }

    private static Map<String, Flag> flags() {
        Map<String, Flag> flags = new HashMap<>();
        Flags.splits().forEach(key -> flags.put(key, new Flag(Set.of("DE", "AT"), 50)));
        flags.put(Flags.CONSTANT, new Flag(Set.of(), 0));
        return flags;
    }

    private boolean evaluate(String key) {
        Flag flag = flags.get(key);
        return flag != null && flag.isOn(users[next++ & Caller.USERS - 1]);
    }

    @Benchmark
    public boolean constant() {
        return evaluate(Flags.CONSTANT);
    }

    @Benchmark
    public boolean split() {
        return evaluate(Flags.SPLIT);
    }
}

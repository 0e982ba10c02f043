package dev.andon.sdk;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The handles that were asked for, one per key and type. */
final class Handles {
    /** Beyond so many of a type, handles work as well and aren't kept: a program that makes up keys doesn't fill the memory. */
    private static final int MAX_KEPT = 100_000;

    private final Engine engine;
    private final CallerDefaults defaults;
    private final Map<String, BoolFlag> bools = new ConcurrentHashMap<>();
    private final Map<String, StringFlag> strings = new ConcurrentHashMap<>();
    private final Map<String, IntegerFlag> integers = new ConcurrentHashMap<>();
    private final Map<String, NumberFlag> numbers = new ConcurrentHashMap<>();
    private final Map<String, ObjectFlag> objects = new ConcurrentHashMap<>();

    Handles(Engine engine, CallerDefaults defaults) {
        this.engine = engine;
        this.defaults = defaults;
    }

    BoolFlag bool(String key) {
        return get(bools, key, name -> new BoolFlag(engine, defaults, name));
    }

    StringFlag string(String key) {
        return get(strings, key, name -> new StringFlag(engine, defaults, name));
    }

    IntegerFlag integer(String key) {
        return get(integers, key, name -> new IntegerFlag(engine, defaults, name));
    }

    NumberFlag number(String key) {
        return get(numbers, key, name -> new NumberFlag(engine, defaults, name));
    }

    ObjectFlag object(String key) {
        return get(objects, key, name -> new ObjectFlag(engine, defaults, name));
    }

    private static <H> H get(Map<String, H> kept, String key, Function<String, H> make) {
        H handle = kept.get(key);
        if (handle != null) {
            return handle;
        }
        return kept.size() < MAX_KEPT ? kept.computeIfAbsent(key, make) : make.apply(key);
    }
}

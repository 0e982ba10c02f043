package dev.andon.proof.harness;

import java.io.IOException;

/**
 * Runs another main class in a process that ends when its standard input does, which is when the test that started it
 * ends. {@code java … Leash MAIN-CLASS ARGUMENT…}
 *
 * <p>The main class must leave standard input alone. One that returns ends the process, too, unless it has left threads.
 */
final class Leash {
    private static final int LET_GO = 113;

    private Leash() {}

    public static void main(String[] arguments) throws Exception {
        Thread.ofPlatform().daemon().name("leash").start(Leash::hold);
        String[] rest = new String[arguments.length - 1];
        System.arraycopy(arguments, 1, rest, 0, rest.length);
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
    }

    /** Ends this process when its standard input ends; never returns. */
    static void hold() {
        try {
            while (System.in.read() >= 0) {
                // what is said on the leash means nothing
            }
        } catch (IOException e) {
            // a broken input is an ended input
        }
        Runtime.getRuntime().halt(LET_GO);
    }
}

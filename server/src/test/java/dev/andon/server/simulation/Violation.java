package dev.andon.server.simulation;

/** A promise that wasn't kept. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String promise;

    Violation(String promise, String what) {
        super(promise + ": " + what);
        this.promise = promise;
    }

    String promise() {
        return promise;
    }

    static void unless(boolean kept, String promise, String what) {
        if (!kept) {
            throw new Violation(promise, what);
        }
    }
}

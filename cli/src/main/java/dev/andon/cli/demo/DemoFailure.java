package dev.andon.cli.demo;

/** The story didn't go as it should: what was expected, and what was measured instead. */
public final class DemoFailure extends RuntimeException {
    /** Exit codes of the command, where the story can't go on. */
    static final int DEFECT = 1;

    static final int REFUSED = 3;

    static final int NOT_PROVEN = 5;

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    DemoFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}

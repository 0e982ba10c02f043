package dev.andon.cli;

/** Exit codes, which scripts may rely on. */
public final class Exit {
    /** Done; for a kill with {@code --wait}: proven. */
    public static final int DONE = 0;

    /** Something went wrong in the command itself: a defect. */
    public static final int DEFECT = 1;

    /** The command line can't be understood. */
    public static final int USAGE = 2;

    /** The server, or what it needs, refused. */
    public static final int REFUSED = 3;

    /** What was looked at is bad: an export that is damaged or forged, a ledger with a broken entry. */
    public static final int BAD = 3;

    /** No server could be reached. */
    public static final int UNREACHABLE = 4;

    /** The kill is taken, but not proven in time; nobody live included. */
    public static final int NOT_PROVEN = 5;

    /**
     * The kill is taken, and everybody who says so has applied it; but others were only sent it, by protocols in which that
     * can't be proven, or not in time.
     */
    public static final int SENT = 6;

    private Exit() {}
}

package dev.andon.server.receipt;

/** What the states of a receipt's members come to. */
enum Verdict {
    /** Nobody has applied it, and somebody could. */
    REQUESTED("requested"),
    PARTIAL("partial"),
    /** Whoever can say so has applied it, and the others were sent it. */
    SENT("sent"),
    PROVEN("proven"),
    NOBODY_LIVE("nobody-live");

    private final String word;

    Verdict(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}

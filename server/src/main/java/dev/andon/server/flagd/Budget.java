package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;

/** How large one flag may become in a document: prerequisites and segments are written out, again for each way to them. */
final class Budget {
    static final int MOST = 50_000;

    private int spent;

    /** @throws InvalidInput if it is too much */
    void spend(String path, int parts) {
        spent += parts;
        if (spent > MOST) {
            throw new InvalidInput(
                    path,
                    "more than " + MOST + " conditions and values with prerequisites and segments written out, as flagd"
                            + " needs them",
                    "at most " + MOST + "; share fewer prerequisites or shorten the lists");
        }
    }

    int spent() {
        return spent;
    }
}

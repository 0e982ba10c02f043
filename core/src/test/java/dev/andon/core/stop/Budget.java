package dev.andon.core.stop;

/** How often each kind of thing may still happen. */
final class Budget {
    int orders;
    int restores;
    int crashes;
    int faults;
    int moves;

    /** Of flags' tags, by which kills are aimed where there are any. */
    int edits;

    Budget(int orders, int restores, int crashes, int faults, int moves) {
        this.orders = orders;
        this.restores = restores;
        this.crashes = crashes;
        this.faults = faults;
        this.moves = moves;
    }

    Budget withEdits(int number) {
        edits = number;
        return this;
    }

    Budget copy() {
        return new Budget(orders, restores, crashes, faults, moves).withEdits(edits);
    }

    @Override
    public String toString() {
        return orders + "," + restores + "," + crashes + "," + faults + "," + moves + "," + edits;
    }
}

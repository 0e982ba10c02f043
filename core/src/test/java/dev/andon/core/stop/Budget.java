package dev.andon.core.stop;

/** How often each kind of thing may still happen. */
final class Budget {
    int orders;
    int restores;
    int crashes;
    int faults;
    int moves;

    Budget(int orders, int restores, int crashes, int faults, int moves) {
        this.orders = orders;
        this.restores = restores;
        this.crashes = crashes;
        this.faults = faults;
        this.moves = moves;
    }

    Budget copy() {
        return new Budget(orders, restores, crashes, faults, moves);
    }

    @Override
    public String toString() {
        return orders + "," + restores + "," + crashes + "," + faults + "," + moves;
    }
}

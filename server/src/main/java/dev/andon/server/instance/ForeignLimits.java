package dev.andon.server.instance;

/**
 * How many clients that don't speak Andon's own stream are listed.
 *
 * @param ofOneRoom without a stream, of those who share a room
 * @param withKeys without a stream, of those who have a key
 * @param withoutKeys without a stream, of those who have none
 * @param withStreams with a stream
 */
record ForeignLimits(int ofOneRoom, int withKeys, int withoutKeys, int withStreams) {
    /** Of streams, more than the ports let in together. */
    static final ForeignLimits DEFAULT = new ForeignLimits(5_000, 10_000, 5_000, 40_000);

    int all() {
        return withKeys + withoutKeys + withStreams;
    }
}

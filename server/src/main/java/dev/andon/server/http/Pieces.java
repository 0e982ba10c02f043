package dev.andon.server.http;

import java.util.Iterator;

/**
 * A body that is made while it is sent, for one thread at a time.
 *
 * @param source makes the next piece when the one before was taken; blocks, and throws if the body can't be finished
 * @param ended run once when it is over, whether it was finished or not
 */
public record Pieces(Iterator<byte[]> source, Runnable ended) {}

package dev.andon.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The few things that a {@link Journal} asks of a folder, so that a test can be the folder. Used by one thread. */
interface Disk {
    /** All of a file; empty if there is none. */
    Optional<byte[]> read(String name) throws IOException;

    /** Opens for writing; creates an empty file for its owner alone, durably, if there is none. */
    Blocks open(String name) throws IOException;

    /** Renames; {@code to} must not be there. Durable with the next file that is created. */
    void rename(String from, String to) throws IOException;

    boolean exists(String name);

    /** For messages. */
    String pathOf(String name);

    /** Whether {@code e} means that there is no room left. */
    boolean full(IOException e);

    /** An open file. */
    interface Blocks extends Closeable {
        long size() throws IOException;

        /** Writes all of {@code bytes}; durable after {@link #force}. */
        void write(long position, ByteBuffer bytes) throws IOException;

        void force() throws IOException;
    }
}

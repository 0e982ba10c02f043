package dev.andon.proof.harness;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What a test does to a process from outside. */
public enum Signal {
    STOP,
    CONT,
    KILL;

    /** Sends this to each process; one that has already ended is no error. */
    public void send(Iterable<ProcessHandle> processes) {
        StringBuilder command = new StringBuilder("kill -").append(this);
        processes.forEach(process -> command.append(' ').append(process.pid()));
        command.append(" 2>/dev/null; true");
        try {
            new ProcessBuilder("/bin/sh", "-c", command.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signalling", e);
        }
    }
}

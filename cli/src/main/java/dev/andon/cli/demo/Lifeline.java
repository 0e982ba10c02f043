package dev.andon.cli.demo;

import java.io.IOException;
import java.io.InputStream;

/** Tells when the process that started this one is gone, however it went: its end of the pipe is closed then. */
final class Lifeline {
    private Lifeline() {}

    /** @param end runs once, on a thread of its own, when the other end is closed */
    static void watch(InputStream pipe, Runnable end) {
        Thread.ofPlatform().name("lifeline").start(() -> {
            try {
                while (pipe.read() >= 0) {
                    // Nothing more is ever sent; only the end matters.
                }
            } catch (IOException e) {
                // A broken pipe is an end, too.
            }
            end.run();
        });
    }
}

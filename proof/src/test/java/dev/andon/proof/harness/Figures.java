package dev.andon.proof.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What the tests measured: one line for each, printed and kept in {@code target/proof/figures.txt}. */
public final class Figures {
    private static final Path FILE = Path.of("target", "proof", "figures.txt");

    private Figures() {}

    public static synchronized void print(String scenario, String figures) {
        String line = "proof  " + scenario + ": " + figures;
        System.out.println(line);
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

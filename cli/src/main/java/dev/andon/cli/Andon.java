package dev.andon.cli;

import java.util.Objects;

/** The {@code andon} command's entry. */
public final class Andon {

    private Andon() {}

    public static void main(String[] arguments) {
        String version = Objects.requireNonNullElse(Andon.class.getPackage().getImplementationVersion(), "development");
        System.out.println("andon " + version);
    }
}

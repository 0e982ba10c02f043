package dev.andon.cli;

import java.nio.file.Path;

/** Where this process's logs go: standard error, unless told otherwise before the first of them. */
final class Logging {
    private Logging() {}

    static void toFile(Path file) {
        System.setProperty("logback.configurationFile", "dev/andon/cli/logback-file.xml");
        System.setProperty("andon.log.file", file.toString());
    }
}

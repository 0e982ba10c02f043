package dev.andon.server.node;

import dev.andon.store.LocalFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file that the first admin token's secret is written to, as one line, for its owner alone. */
record AdminToken(Path path) {
    private static final Logger log = LoggerFactory.getLogger(AdminToken.class);

    void write(String secret) {
        try {
            LocalFile.replace(path, (secret + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new StartProblem(path + ": can't be written: " + e + ". Check the data folder's owner and disk", e);
        }
    }

    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            log.warn("{}: can't be removed: {}", path, e.toString());
        }
    }
}

package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every piece of Java on a page stands, word for word, in a class of this package between {@code // snippet: NAME} and
 * {@code // end}, where it is compiled and run.
 */
class CodeTest {
    private static final String BEGIN = "// snippet: ";
    private static final String END = "// end";

    @Test
    void thePagesCodeIsCodeThatRuns() throws IOException {
        Map<String, String> compiled = compiled();
        Map<String, String> shown = new LinkedHashMap<>();
        for (Page page : Page.all()) {
            for (Page.Block block : page.blocks("java")) {
                assertThat(block.role()).as(block.where() + " needs a name").isEqualTo("snippet");
                assertThat(shown.put(block.name(), block.text()))
                        .as(block.where())
                        .isNull();
            }
        }
        assertThat(shown).isEqualTo(compiled);
    }

    private static Map<String, String> compiled() throws IOException {
        Map<String, String> compiled = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(Page.root().resolve("proof/src/test/java/dev/andon/proof/docs"))) {
            for (Path file :
                    files.filter(file -> !file.endsWith("CodeTest.java")).toList()) {
                collect(Files.readAllLines(file), compiled);
            }
        }
        return compiled;
    }

    private static void collect(List<String> lines, Map<String, String> into) {
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (line.strip().startsWith(BEGIN)) {
                List<String> region = new ArrayList<>();
                while (!lines.get(++at).strip().equals(END)) {
                    region.add(lines.get(at));
                }
                into.put(
                        line.strip().substring(BEGIN.length()),
                        String.join("\n", region).stripIndent() + "\n");
            }
        }
    }
}

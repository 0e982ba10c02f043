package dev.andon.proof.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What only the sources show. */
class SourceTest {

    private static final int MAX_LINES = 600;

    @Test
    void everyPartHasSources() {
        assertThat(Code.sources()).hasSizeGreaterThan(Code.PARTS.size());
    }

    @Test
    void filesStayShort() {
        List<String> long_ = Code.sources().stream()
                .filter(source -> Code.read(source).lines().count() >= MAX_LINES)
                .map(SourceTest::name)
                .toList();

        assertThat(long_).as("files of %d lines or more", MAX_LINES).isEmpty();
    }

    @Test
    void testsWaitForConditionsAndNotForTime() {
        assertThat(Code.sources().stream()
                        .filter(source -> source.toString().contains("/src/test/"))
                        .filter(source -> Code.read(source).contains("Thread.sle" + "ep("))
                        .map(SourceTest::name))
                .as("tests that sleep (expected: to wait for a condition, with Awaitility)")
                .isEmpty();
    }

    private static String name(Path source) {
        return Code.root().relativize(source).toString();
    }
}

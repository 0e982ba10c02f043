package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documentation is true: each block of each page is of a kind that something checks. Commands and requests are carried
 * out, in the page's order, by this test; code by {@link CodeTest} and, in JavaScript, by {@code ExamplesTest}; configuration is read by {@link ConfigurationTest}.
 */
class GuideTest {
    private static final Set<String> CHECKED =
            Set.of("console", "sh", "http", "java", "js", "json", "yaml", "ini", "xml");
    /** Whose libraries neither Maven Central nor npm has; the page has to say that they aren't run. */
    private static final Set<String> UNCHECKED = Set.of("python", "go", "csharp");

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    @TempDir
    Path directory;

    static List<Page> pages() {
        return Page.all();
    }

    static List<Page> pagesWithSomethingToDo() {
        return pages().stream()
                .filter(page -> Stream.of("console", "sh", "http")
                        .anyMatch(language -> !page.blocks(language).isEmpty()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyBlockIsOfAKindThatIsChecked(Page page) {
        assertThat(page.blocks()).allSatisfy(block -> {
            // An answer of another day, or a picture.
            boolean text = block.language().equals("text");
            boolean said = UNCHECKED.contains(block.language())
                    && page.text().contains("**not run by our tests**")
                    && before(page, block).contains("Not run by our tests");
            assertThat(text || said || CHECKED.contains(block.language()))
                    .as(block.where() + ": " + block.language())
                    .isTrue();
        });
    }

    /** The lines of its section that stand before it. */
    private static String before(Page page, Page.Block block) {
        List<String> lines = page.text().lines().limit(block.line()).toList();
        int heading = lines.size() - 1;
        while (heading > 0 && !lines.get(heading).startsWith("#")) {
            heading--;
        }
        return String.join("\n", lines.subList(Math.max(0, heading), lines.size()));
    }

    @ParameterizedTest
    @MethodSource("pagesWithSomethingToDo")
    void whatAPageShowsHappens(Page page) throws Exception {
        try (Place place = new Place(directory)) {
            for (Page.Block block : page.blocks()) {
                place.run(block);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Page page) throws Exception {
        Matcher link = LINK.matcher(page.text());
        while (link.find()) {
            String target = link.group(1);
            if (target.contains("://")) {
                continue;
            }
            String[] parts = target.split("#", 2);
            Path file = parts[0].isEmpty()
                    ? page.file()
                    : page.file().resolveSibling(parts[0]).normalize();
            assertThat(file).as(page + ": " + target).exists();
            if (parts.length > 1) {
                assertThat(anchors(Files.readString(file)))
                        .as(page + ": " + target)
                        .contains(parts[1]);
            }
        }
    }

    /** As GitHub makes them. */
    private static Set<String> anchors(String text) {
        return HEADING.matcher(text)
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    @Test
    void theGuidesIndexLeadsToEveryPageAndTheReadmeToTheIndex() {
        String index = Page.of("docs/guide/README.md").text();
        assertThat(pages())
                .filteredOn(page -> page.toString().startsWith("docs/guide/")
                        && !page.toString().endsWith("README.md"))
                .isNotEmpty()
                .allSatisfy(
                        page -> assertThat(index).contains("](" + page.file().getFileName() + ")"));
        assertThat(Page.of("README.md").text()).contains("](docs/guide/README.md)");
    }
}

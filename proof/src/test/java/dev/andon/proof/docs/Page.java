package dev.andon.proof.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation and what it shows in blocks. A comment before a block gives it a name: {@code <!-- file: NAME
 * -->} makes it a file that later commands find, {@code <!-- snippet: NAME -->} says where its code is compiled and run. A
 * comment that begins with {@code <!-- given} holds console lines that readers don't see: what must be so before what
 * follows can be done.
 */
record Page(Path file, String text) {
    private static final Pattern NAME = Pattern.compile("<!-- (file|snippet): (\\S+) -->");
    private static final String GIVEN = "<!-- given";
    private static final String FENCE = "```";

    /**
     * @param line where its first line of content stands
     * @param language as the fence says it; empty if it doesn't
     * @param role {@code file} or {@code snippet} if it has a name
     */
    record Block(Page page, int line, String language, String role, String name, List<String> lines) {
        String text() {
            return String.join("\n", lines) + "\n";
        }

        String where() {
            return page + ":" + line;
        }
    }

    /** What users read: the README and the guide. */
    static List<Page> all() {
        Path root = root();
        try (Stream<Path> guide = Files.list(root.resolve("docs/guide"))) {
            return Stream.concat(Stream.of(root.resolve("README.md")), guide)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(Page::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Page of(String path) {
        return read(root().resolve(path));
    }

    private static Page read(Path file) {
        try {
            return new Page(file, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The repository's folder. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve(".mvn"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** All blocks, in their order. */
    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = text.lines().toList();
        String role = "";
        String name = "";
        int at = 0;
        while (at < lines.size()) {
            String line = lines.get(at);
            Matcher named = NAME.matcher(line);
            if (named.matches()) {
                role = named.group(1);
                name = named.group(2);
            } else if (line.equals(GIVEN)) {
                int end = end(lines, at, "-->");
                blocks.add(new Block(this, at + 2, "console", "given", "", lines.subList(at + 1, end)));
                at = end;
            } else if (line.startsWith(FENCE)) {
                int end = end(lines, at, FENCE);
                blocks.add(new Block(
                        this, at + 2, line.substring(FENCE.length()), role, name, lines.subList(at + 1, end)));
                role = "";
                name = "";
                at = end;
            }
            at++;
        }
        return List.copyOf(blocks);
    }

    private int end(List<String> lines, int from, String mark) {
        for (int at = from + 1; at < lines.size(); at++) {
            if (lines.get(at).equals(mark)) {
                return at;
            }
        }
        throw new IllegalStateException(this + ":" + (from + 1) + ": never ends (expected: a line " + mark + ")");
    }

    List<Block> blocks(String language) {
        return blocks().stream()
                .filter(block -> block.language().equals(language))
                .toList();
    }

    @Override
    public String toString() {
        return root().relativize(file).toString();
    }
}

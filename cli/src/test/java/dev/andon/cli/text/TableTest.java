package dev.andon.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table = new Table()
            .number("VERSION")
            .rigid("WHEN")
            .column("WHY")
            .row("7", "14:03", "a reason that goes on for quite a while")
            .row("1234", "15:00", "short");

    @Test
    void showsEverythingWhereThereIsRoom() {
        assertThat(table.render(Terminal.PLAIN)).isEqualTo("""
            VERSION  WHEN   WHY
                  7  14:03  a reason that goes on for quite a while
               1234  15:00  short
            """);
    }

    @Test
    void cutsWhatMayBeCutToFitTheTerminal() {
        assertThat(table.render(new Terminal(true, 30, false))).isEqualTo("""
            VERSION  WHEN   WHY
                  7  14:03  a reason that…
               1234  15:00  short
            """);
    }

    @Test
    void paintsOnlyWhereColoursAreShown() {
        Table painted = new Table().column("A").row(Table.cell("x", Paint.BAD));
        assertThat(painted.render(new Terminal(true, 80, true))).contains("\u001b[1;31mx\u001b[0m");
        assertThat(painted.render(Terminal.PLAIN)).doesNotContain("\u001b");
    }

    @Test
    void countsColumnsNotCharacters() {
        Table wide = new Table().column("A").column("B").row("全角", "x").row("e\u0301", "y");
        assertThat(wide.render(Terminal.PLAIN)).isEqualTo("A     B\n全角  x\ne\u0301     y\n");
    }

    @Test
    void showsNothingThatSteersTheTerminal() {
        assertThat(Glyphs.printable("a\u001b[2Jb\nc\u202ed")).isEqualTo("a\ufffd[2Jb c\ufffdd");
    }
}

package dev.andon.cli.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows under headings, fitted to a terminal: where the columns are too wide together, the widest of those that may
 * shrink are cut with an ellipsis. Not thread-safe.
 */
public final class Table {
    private static final String GAP = "  ";
    private static final int MIN_COLUMN = 6;

    /** One field of a row. */
    public record Cell(String text, Paint paint) {
        public Cell {
            text = Glyphs.printable(text);
        }
    }

    private record Column(String heading, boolean rigid, boolean right) {}

    private final List<Column> columns = new ArrayList<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    public static Cell cell(String text) {
        return new Cell(text, Paint.PLAIN);
    }

    public static Cell cell(String text, Paint paint) {
        return new Cell(text, paint);
    }

    /** Adds a column that may be cut. */
    public Table column(String heading) {
        columns.add(new Column(heading, false, false));
        return this;
    }

    /** Adds a column that is always shown in full, such as an id that someone will type. */
    public Table rigid(String heading) {
        columns.add(new Column(heading, true, false));
        return this;
    }

    /** Adds a column of numbers, which stand flush right. */
    public Table number(String heading) {
        columns.add(new Column(heading, true, true));
        return this;
    }

    public Table row(Cell... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException("cells: " + cells.length + " (expected: " + columns.size() + ")");
        }
        rows.add(List.of(cells));
        return this;
    }

    public Table row(String... texts) {
        Cell[] cells = new Cell[texts.length];
        for (int i = 0; i < texts.length; i++) {
            cells[i] = cell(texts[i]);
        }
        return row(cells);
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The table's lines, each ending in a line break. */
    public String render(Terminal terminal) {
        int[] widths = widths(terminal.width());
        StringBuilder out = new StringBuilder();
        List<Cell> headings = columns.stream()
                .map(column -> new Cell(column.heading(), Paint.DIM))
                .toList();
        line(out, headings, widths, terminal);
        rows.forEach(row -> line(out, row, widths, terminal));
        return out.toString();
    }

    private int[] widths(int available) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Glyphs.width(columns.get(i).heading());
            for (List<Cell> row : rows) {
                widths[i] = Math.max(widths[i], Glyphs.width(row.get(i).text()));
            }
        }
        int gaps = GAP.length() * (widths.length - 1);
        while (IntStream.of(widths).sum() + gaps > available) {
            int widest = widestThatShrinks(widths);
            if (widest < 0) {
                break;
            }
            widths[widest]--;
        }
        return widths;
    }

    private int widestThatShrinks(int[] widths) {
        int widest = -1;
        for (int i = 0; i < widths.length; i++) {
            boolean shrinks = !columns.get(i).rigid() && widths[i] > MIN_COLUMN;
            if (shrinks && (widest < 0 || widths[i] >= widths[widest])) {
                widest = i;
            }
        }
        return widest;
    }

    private void line(StringBuilder out, List<Cell> row, int[] widths, Terminal terminal) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            Cell cell = row.get(i);
            String text = Glyphs.cut(cell.text(), widths[i]);
            String fill = " ".repeat(Math.max(0, widths[i] - Glyphs.width(text)));
            String painted = terminal.paint(cell.paint(), text);
            boolean last = i == widths.length - 1;
            line.append(columns.get(i).right() ? fill + painted : painted + (last ? "" : fill));
            line.append(last ? "" : GAP);
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }
}

package dev.andon.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Curves over a size that grows by powers of ten, both axes logarithmic: what is linear rises with the dashed line, and what doesn't
 * depend on the size lies flat.
 *
 * @param name of the file, without its ending
 */
record Plot(String name, String title, String across, String up, List<Curve> curves) {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 400;
    private static final int LEFT = 70;
    private static final int RIGHT = 190;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;
    private static final List<String> COLOURS =
            List.of("#0b6e99", "#c2410c", "#15803d", "#7c3aed", "#a16207", "#be123c");

    Plot {
        curves = List.copyOf(curves);
    }

    /** @param points in the order of their sizes */
    record Curve(String name, List<Point> points) {
        Curve {
            points = List.copyOf(points);
        }
    }

    record Point(double size, double value) {}

    /** As a file of its own, readable on light and dark. */
    String svg() {
        Axis x = Axis.over(all(Point::size), LEFT, WIDTH - RIGHT);
        Axis y = Axis.over(all(Point::value), HEIGHT - BOTTOM, TOP);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
                WIDTH,
                HEIGHT));
        svg.append(text(LEFT, TOP - 18, "start", title));
        svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", across));
        svg.append(text(LEFT - 8, TOP - 4, "end", up));
        for (double tick : x.ticks()) {
            svg.append(line(x.at(tick), TOP, x.at(tick), HEIGHT - BOTTOM, "#dddddd", ""));
            svg.append(text(x.at(tick), HEIGHT - BOTTOM + 18, "middle", figure(tick)));
        }
        for (double tick : y.ticks()) {
            svg.append(line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick), "#dddddd", ""));
            svg.append(text(LEFT - 8, y.at(tick) + 4, "end", figure(tick)));
        }
        double rise = Math.min(x.high() / x.low(), y.high() / y.low());
        svg.append(line(
                x.at(x.low()),
                y.at(y.low()),
                x.at(x.low() * rise),
                y.at(y.low() * rise),
                "#999999",
                " stroke-dasharray=\"4 4\""));
        for (int i = 0; i < curves.size(); i++) {
            svg.append(curve(curves.get(i), COLOURS.get(i % COLOURS.size()), x, y));
            svg.append(line(
                    WIDTH - RIGHT + 14,
                    TOP + 20 * i,
                    WIDTH - RIGHT + 34,
                    TOP + 20 * i,
                    COLOURS.get(i % COLOURS.size()),
                    ""));
            svg.append(text(
                    WIDTH - RIGHT + 40, TOP + 20 * i + 4, "start", curves.get(i).name()));
        }
        return svg.append("</svg>\n").toString();
    }

    private double[] all(java.util.function.ToDoubleFunction<Point> figure) {
        List<Point> points = new ArrayList<>();
        curves.forEach(curve -> points.addAll(curve.points()));
        return points.stream().mapToDouble(figure).toArray();
    }

    private static String curve(Curve curve, String colour, Axis x, Axis y) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (Point point : curve.points()) {
            double across = x.at(point.size());
            double up = y.at(point.value());
            path.append(String.format(Locale.ROOT, "%s%.1f,%.1f", path.isEmpty() ? "" : " ", across, up));
            dots.append(String.format(
                    Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", across, up, colour));
        }
        return String.format(
                        Locale.ROOT,
                        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                        path,
                        colour)
                + dots;
    }

    private static String line(double x1, double y1, double x2, double y2, String colour, String more) {
        return String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>%n",
                x1,
                y1,
                x2,
                y2,
                colour,
                more);
    }

    private static String text(double x, double y, String anchor, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        return String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, escaped);
    }

    private static String figure(double value) {
        return value >= 1
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%s", Double.toString(value));
    }

    /** From the power of ten below the least to that above the most. */
    private record Axis(double low, double high, double from, double to) {
        static Axis over(double[] values, double from, double to) {
            double least = Double.MAX_VALUE;
            double most = 0;
            for (double value : values) {
                if (value > 0) {
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                }
            }
            double low = Math.pow(10, Math.floor(Math.log10(Math.min(least, most))));
            double high = Math.pow(10, Math.ceil(Math.log10(most)));
            return new Axis(low, high > low ? high : 10 * low, from, to);
        }

        double at(double value) {
            double share = Math.log(Math.max(value, low) / low) / Math.log(high / low);
            return from + share * (to - from);
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            for (double tick = low; tick <= high * 1.001; tick *= 10) {
                ticks.add(tick);
            }
            return ticks;
        }
    }
}

package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import java.util.Optional;
import picocli.CommandLine.Option;

/** When to look at what a command shows: now, unless told otherwise. */
final class AsOf {
    @Option(
            names = "--at",
            paramLabel = Point.LABEL,
            converter = Point.Converter.class,
            description = "As it was at a version, or at a time.")
    private Optional<Point> point = Optional.empty();

    /** The version to ask for, if it isn't the newest. */
    Optional<String> version(ApiClient api, Shell shell) {
        return point.map(given -> given.version(api, shell));
    }
}

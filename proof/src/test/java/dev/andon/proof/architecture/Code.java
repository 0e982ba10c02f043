package dev.andon.proof.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the rules are about: the classes of every part, and their sources. */
final class Code {

    static final List<String> PARTS = List.of("core", "store", "server", "sdk", "cli");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/dev/andon/core/shaded/"))
            .importPackages(PARTS.stream().map(Code::packageOf).toArray(String[]::new));

    private Code() {}

    /** The classes that we wrote, without tests and without what core carries of others. */
    static JavaClasses classes() {
        return CLASSES;
    }

    static String packageOf(String part) {
        return "dev.andon." + part;
    }

    /** The classes that stand in a source file of their own: not nested, not synthetic. */
    static Stream<JavaClass> topLevelClasses() {
        return CLASSES.stream()
                .filter(javaClass -> javaClass.isTopLevelClass())
                .filter(javaClass -> !javaClass.getSimpleName().equals("package-info"));
    }

    /** The repository's folder. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve(".mvn"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /** Every Java source, tests included. */
    static List<Path> sources() {
        return Stream.concat(PARTS.stream(), Stream.of("proof", "bench"))
                .map(part -> root().resolve(part).resolve("src"))
                .flatMap(Code::javaFiles)
                .toList();
    }

    static String read(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

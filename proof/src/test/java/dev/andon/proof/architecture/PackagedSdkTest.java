package dev.andon.proof.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an application gets that adds the SDK. The jars are there from Maven's phase {@code package} on. */
class PackagedSdkTest {

    private static final int JAVA_17_CLASSES = 61;

    private final Path listed = Code.root().resolve("sdk/target/runtime.classpath");

    @BeforeEach
    void theJarsAreBuilt() {
        assumeTrue(Files.exists(listed), "no jars yet (expected: mvn verify)");
    }

    @Test
    void itIsAndonsTwoJarsAndTheTwoApisTheySpeak() throws IOException {
        assertThat(classPath())
                .extracting(jar -> jar.getFileName().toString().replaceFirst("-\\d.*", ""))
                .containsExactlyInAnyOrder("andon-sdk", "andon-core", "sdk", "slf4j-api");
        assertThat(classPath()).anySatisfy(jar -> assertThat(jar.toString()).contains("openfeature"));
    }

    @Test
    void ourJarsHoldNothingOutsideOurPackages() throws IOException {
        assertThat(classFiles())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(name).startsWith("dev/andon/"));
    }

    @Test
    void ourJarsRunOnJava17() throws IOException {
        for (Path jar : ourJars()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                for (JarEntry entry : classFiles(file)) {
                    assertThat(majorVersion(file, entry)).as(entry.getName()).isLessThanOrEqualTo(JAVA_17_CLASSES);
                }
            }
        }
    }

    @Test
    void theLibrariesInsideCoreComeWithTheirLicences() throws IOException {
        try (JarFile core = new JarFile(ourJars().get(1).toFile())) {
            assertThat(core.stream().map(JarEntry::getName))
                    .contains(
                            "META-INF/LICENSE",
                            "META-INF/NOTICE",
                            "META-INF/semver4j-LICENSE",
                            "META-INF/bouncycastle-LICENSE");
        }
    }

    private List<String> classFiles() throws IOException {
        Stream.Builder<String> names = Stream.builder();
        for (Path jar : ourJars()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                classFiles(file).forEach(entry -> names.add(entry.getName()));
            }
        }
        return names.build().toList();
    }

    private static List<JarEntry> classFiles(JarFile file) {
        return file.stream().filter(entry -> entry.getName().endsWith(".class")).toList();
    }

    private static int majorVersion(JarFile file, JarEntry entry) throws IOException {
        try (DataInputStream in = new DataInputStream(file.getInputStream(entry))) {
            in.skipNBytes(6);
            return in.readUnsignedShort();
        }
    }

    /** The SDK's jar and core's, in this order. */
    private List<Path> ourJars() throws IOException {
        return classPath().stream()
                .filter(jar -> jar.getFileName().toString().startsWith("andon-"))
                .toList();
    }

    private List<Path> classPath() throws IOException {
        Path sdk;
        try (Stream<Path> files = Files.list(listed.getParent())) {
            sdk = files.filter(file -> file.getFileName().toString().matches("andon-sdk-[^-]*(-SNAPSHOT)?\\.jar"))
                    .findFirst()
                    .orElseThrow();
        }
        return Stream.concat(
                        Stream.of(sdk),
                        Stream.of(Files.readString(listed).strip().split(File.pathSeparator))
                                .map(Path::of))
                .toList();
    }
}

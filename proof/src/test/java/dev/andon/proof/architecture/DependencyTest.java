package dev.andon.proof.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Who may know whom. */
class DependencyTest {

    /** What each part may know of the others. */
    private static final Map<String, Set<String>> KNOWS = Map.of(
            "core", Set.of(),
            "store", Set.of("core"),
            "server", Set.of("core", "store"),
            "sdk", Set.of("core"),
            "cli", Set.of("core", "server", "sdk"));

    private static final List<String> PARTS = Code.PARTS;

    /**
     * The command line is a client of the HTTP API. It knows server and SDK only to start them: in these packages, and in
     * no other.
     */
    private static final Set<String> STARTERS = Set.of("dev.andon.cli.start..", "dev.andon.cli.demo..");

    /** The rooms of the server that every feature may enter. */
    private static final Set<String> ROOMS = Set.of("node", "http");

    /** Features that know another one, with the reason. Everything else meets in the image and in the events. */
    private static final Map<String, String> ACQUAINTANCES = Map.of(
            "node -> token", "the first start issues the admin token, whose secret has the form that token defines");

    @ParameterizedTest
    @FieldSource("PARTS")
    void everyPartIsSeen(String part) {
        assertThat(Code.classes().containPackage(Code.packageOf(part))).isTrue();
    }

    @ParameterizedTest
    @FieldSource("PARTS")
    void aPartKnowsOnlyThePartsBeneathIt(String part) {
        DescribedPredicate<JavaClass> strangers = describe(
                "of a part that " + part + " may not know",
                javaClass -> PARTS.stream()
                        .filter(other -> !other.equals(part))
                        .filter(other -> !KNOWS.get(part).contains(other))
                        .anyMatch(other -> isIn(javaClass, Code.packageOf(other))));

        noClasses()
                .that()
                .resideInAPackage(Code.packageOf(part) + "..")
                .should()
                .dependOnClassesThat(strangers)
                .check(Code.classes());
    }

    @Test
    void coreKnowsOnlyTheJdkAndWhatItCarries() {
        classes()
                .that()
                .resideInAPackage("dev.andon.core..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.andon.core..", "java..", "javax.net.ssl", "org.jspecify.annotations")
                .check(Code.classes());
    }

    @Test
    void whatCoreCarriesStaysInCore() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.andon.core..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.andon.core.shaded..")
                .check(Code.classes());
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.andon.core.json..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.andon.core.shaded.jackson..")
                .check(Code.classes());
    }

    @Test
    void thereIsOneJsonCodec() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.fasterxml.jackson..", "tools.jackson..", "io.vertx.core.json..")
                .check(Code.classes());
    }

    @Test
    void coresPackagesFormNoCircle() {
        slices().matching("dev.andon.core.(*)..").should().beFreeOfCycles().check(Code.classes());
    }

    @Test
    void theSdkUsesTheJdksNetwork() {
        classes()
                .that()
                .resideInAPackage("dev.andon.sdk..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.andon.sdk..",
                        "dev.andon.core..",
                        "java..",
                        "javax.net..",
                        "dev.openfeature.sdk..",
                        "org.slf4j..",
                        "org.jspecify.annotations")
                .check(Code.classes());
    }

    @Test
    void theCommandLineKnowsServerAndSdkOnlyToStartThem() {
        noClasses()
                .that()
                .resideInAPackage("dev.andon.cli..")
                .and()
                .resideOutsideOfPackages(STARTERS.toArray(String[]::new))
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.andon.server..", "dev.andon.sdk.."))
                .check(Code.classes());
    }

    @Test
    void serverFeaturesDontImportEachOther() {
        Set<String> met = Code.classes().stream()
                .filter(javaClass -> isIn(javaClass, "dev.andon.server"))
                .flatMap(javaClass -> javaClass.getDirectDependenciesFromSelf().stream())
                .filter(dependency -> isIn(dependency.getTargetClass(), "dev.andon.server"))
                .map(DependencyTest::edge)
                .filter(edge -> !edge.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(met)
                .as("features of the server that import another (expected: those of ACQUAINTANCES, neither more"
                        + " nor fewer)")
                .containsExactlyInAnyOrderElementsOf(ACQUAINTANCES.keySet());
    }

    /** Returns {@code from -> to} if one feature imports another, else nothing. */
    private static String edge(Dependency dependency) {
        String from = feature(dependency.getOriginClass());
        String to = feature(dependency.getTargetClass());
        boolean wiring = from.isEmpty();
        if (wiring || from.equals(to)) {
            return "";
        }
        boolean enters = ROOMS.contains(to) && !ROOMS.contains(from);
        boolean hangsUpNode = from.equals("http") && to.equals("node");
        return enters || hangsUpNode ? "" : from + " -> " + to;
    }

    /** The feature's package below {@code dev.andon.server}; empty for the wiring, which stands in that package itself. */
    private static String feature(JavaClass javaClass) {
        String rest = javaClass.getPackageName().substring("dev.andon.server".length());
        return rest.isEmpty() ? "" : rest.substring(1).split("\\.", 2)[0];
    }

    private static boolean isIn(JavaClass javaClass, String root) {
        String name = javaClass.getPackageName();
        return name.equals(root) || name.startsWith(root + ".");
    }
}

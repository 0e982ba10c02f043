package dev.andon.proof.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How the code is written. */
class HabitTest {

    /** The only classes that read the system's clock or its randomness; everyone else is given them. */
    private static final Set<String> WIRING = Set.of(
            "dev.andon.cli.Andon",
            "dev.andon.cli.demo.ServiceMain",
            "dev.andon.sdk.Andon",
            "dev.andon.server.Assembly");

    private static final Pattern EMPTY_NAME =
            Pattern.compile(".*(Util|Utils|Helper|Helpers|Manager|Common|Commons|Impl)");

    private static final Set<String> TIME_AND_CHANCE = Set.of(
            "java.lang.System.currentTimeMillis",
            "java.lang.System.nanoTime",
            "java.lang.Math.random",
            "java.time.Instant.now",
            "java.time.LocalDate.now",
            "java.time.LocalDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone",
            "java.time.Clock.system",
            "java.time.Clock.tickMillis",
            "java.time.Clock.tickSeconds",
            "java.time.InstantSource.system",
            "java.util.UUID.randomUUID",
            "java.util.Random.<init>",
            "java.util.SplittableRandom.<init>",
            "java.util.concurrent.ThreadLocalRandom.current",
            "java.util.random.RandomGenerator.getDefault",
            "java.util.random.RandomGenerator.of",
            "java.security.SecureRandom.<init>",
            "java.security.SecureRandom.getInstanceStrong");

    @Test
    void onlyTheWiringReadsTheClockAndThrowsDice() {
        noClasses()
                .that(describe("are not the wiring", javaClass -> !WIRING.contains(outermost(javaClass))))
                .should()
                .accessTargetWhere(describe(
                        "is the system's clock or randomness",
                        (JavaAccess<?> access) ->
                                TIME_AND_CHANCE.contains(access.getTargetOwner().getFullName() + "."
                                        + access.getTarget().getName())))
                .because("the wiring (" + WIRING + ") passes an InstantSource, a LongSupplier nanoTime and a"
                        + " RandomGenerator on, so that tests decide what time it is")
                .check(Code.classes());
    }

    @Test
    void theListOfTheWiringNamesClassesThatExist() {
        assertThat(WIRING)
                .allSatisfy(name -> assertThat(Code.classes().contain(name)).isTrue());
    }

    @Test
    void coreDoesNoInputOrOutputAndStartsNoThread() {
        noClasses()
                .that()
                .resideInAPackage("dev.andon.core..")
                .should()
                .dependOnClassesThat(describe("do I/O, run threads or log", HabitTest::actsOnTheWorld))
                .check(Code.classes());
    }

    @Test
    void onlyTheCommandLineWritesToTheConsole() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.andon.cli..")
                .should()
                .accessTargetWhere(describe("is the console", (JavaAccess<?> access) -> isConsole(access)))
                .check(Code.classes());
    }

    @Test
    void logsGoThroughSlf4j() {
        noClasses()
                .should()
                .accessTargetWhere(describe(
                        "logs by other means",
                        (JavaAccess<?> access) -> Stream.of(
                                        "java.util.logging", "org.apache.commons.logging", "org.apache.log4j")
                                .anyMatch(access.getTargetOwner().getPackageName()::startsWith)))
                .check(Code.classes());
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(Code.classes().stream()
                        .map(JavaClass::getPackage)
                        .distinct()
                        .filter(javaPackage -> !javaPackage.isAnnotatedWith(NullMarked.class))
                        .map(JavaPackage::getName))
                .as("packages without a @NullMarked package-info.java")
                .isEmpty();
    }

    @Test
    void noRecordComponentIsNullable() {
        List<String> nullable = Code.classes().stream()
                .filter(JavaClass::isRecord)
                .map(HabitTest::load)
                .flatMap(type -> Stream.of(type.getRecordComponents()))
                .filter(component -> component.getAnnotatedType().isAnnotationPresent(Nullable.class))
                .map(HabitTest::name)
                .toList();

        assertThat(nullable)
                .as("nullable record components (expected: an Optional, or another case of a sealed type)")
                .isEmpty();
    }

    @Test
    void namesSaySomething() {
        assertThat(Code.classes().stream()
                        .filter(javaClass ->
                                EMPTY_NAME.matcher(javaClass.getSimpleName()).matches()
                                        || EMPTY_NAME
                                                .matcher(capitalised(
                                                        javaClass.getPackage().getRelativeName()))
                                                .matches())
                        .map(JavaClass::getName))
                .as("names that end in Util, Helper, Manager, Common or Impl")
                .isEmpty();
    }

    @Test
    void classesAreFinalUnlessSomethingExtendsThem() {
        assertThat(Code.topLevelClasses()
                        .filter(javaClass -> !javaClass.isInterface())
                        .filter(javaClass -> !javaClass.getModifiers().contains(JavaModifier.FINAL))
                        .filter(javaClass -> !javaClass.getModifiers().contains(JavaModifier.ABSTRACT))
                        .filter(javaClass -> !javaClass.isEnum())
                        .filter(javaClass -> javaClass.getSubclasses().isEmpty())
                        .map(JavaClass::getName))
                .as("classes that could be extended and are not (expected: final)")
                .isEmpty();
    }

    private static boolean actsOnTheWorld(JavaClass javaClass) {
        String name = javaClass.getFullName();
        return switch (javaClass.getPackageName()) {
            case "java.io" -> name.startsWith("java.io.File") || name.equals("java.io.RandomAccessFile");
            case "java.net" -> !name.startsWith("java.net.URI");
            case "java.lang" -> name.startsWith("java.lang.Thread") || name.startsWith("java.lang.Process");
            case "java.util" -> name.startsWith("java.util.Timer");
            case "java.util.concurrent" ->
                name.contains("Execut") || name.contains("Future") || name.contains("ForkJoin");
            default ->
                // Whom to trust is data; who connects with it acts.
                Stream.of("javax.net.ssl.SSLContext", "javax.net.ssl.TrustManager", "javax.net.ssl.KeyManager")
                                .noneMatch(name::startsWith)
                        && Stream.of(
                                        "java.nio.file",
                                        "java.nio.channels",
                                        "java.net",
                                        "java.sql",
                                        "javax.",
                                        "org.slf4j")
                                .anyMatch(name::startsWith);
        };
    }

    private static boolean isConsole(JavaAccess<?> access) {
        String target =
                access.getTargetOwner().getFullName() + "." + access.getTarget().getName();
        return Set.of("java.lang.System.out", "java.lang.System.err", "java.lang.System.console")
                        .contains(target)
                || access.getTarget().getName().equals("printStackTrace");
    }

    private static String outermost(JavaClass javaClass) {
        return javaClass.getName().split("\\$", 2)[0];
    }

    private static String capitalised(String name) {
        return name.isEmpty() ? name : Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static String name(RecordComponent component) {
        return component.getDeclaringRecord().getName() + "." + component.getName();
    }

    private static Class<?> load(JavaClass javaClass) {
        try {
            return Class.forName(javaClass.getName(), false, HabitTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}

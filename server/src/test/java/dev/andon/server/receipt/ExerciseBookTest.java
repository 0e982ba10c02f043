package dev.andon.server.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.model.KillId;
import dev.andon.server.node.Exercises.Exercise;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExerciseBookTest {
    private final ExerciseBook book = new ExerciseBook();

    private static Exercise exercise(long kill, long second, int applied) {
        return new Exercise(new KillId("9f86d081", kill), Instant.ofEpochSecond(second), applied, 0, 4.5, "proven");
    }

    @Test
    void theNewestExerciseOfEachFlagInEachSdkIsKept() {
        Exercise old = exercise(1, 10, 3);
        Exercise newer = exercise(2, 20, 4);
        assertThat(book.note("production", "java/1", List.of("a", "b"), old)).isTrue();
        assertThat(book.note("production", "java/1", List.of("b"), newer)).isTrue();
        assertThat(book.note("production", "java/1", List.of("b"), old)).isFalse();
        book.note("production", "java/2", List.of("b"), old);
        book.note("staging", "java/1", List.of("a"), newer);

        assertThat(book.exercised("production", Set.of("a", "b", "c")))
                .hasSize(2)
                .hasEntrySatisfying(
                        "a",
                        bySdk -> assertThat(bySdk).containsOnlyKeys("java/1").containsValue(old))
                .hasEntrySatisfying(
                        "b",
                        bySdk ->
                                assertThat(bySdk).containsEntry("java/1", newer).containsEntry("java/2", old));
    }

    @Test
    void whatBecomesOfTheSameKillReplacesWhatWasKnownOfIt() {
        book.note("production", "java/1", List.of("a"), exercise(1, 10, 1));
        assertThat(book.note("production", "java/1", List.of("a"), exercise(1, 10, 1)))
                .isFalse();
        assertThat(book.note("production", "java/1", List.of("a"), exercise(1, 9, 2)))
                .isTrue();
        assertThat(book.exercised("production", Set.of("a"))
                        .get("a")
                        .get("java/1")
                        .applied())
                .isEqualTo(2);
    }

    @Test
    void aKillOfVeryManyFlagsIsWrittenOnceAndReadBack() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            many.add("a-flag-with-a-name-" + i);
        }
        book.note("production", "java/1", many, exercise(1, 10, 3));
        book.note("production", "java/1", List.of(many.get(7)), exercise(2, 20, 3));
        byte[] saved = book.encode();
        assertThat(saved).hasSizeLessThan(4_000_000);
        ExerciseBook read = new ExerciseBook();
        read.load(saved);
        assertThat(read.exercised("production", Set.copyOf(many)))
                .isEqualTo(book.exercised("production", Set.copyOf(many)))
                .hasSize(100_000);
    }

    @Test
    void onlySoManySdkVersionsAreRememberedTheLatestOnes() {
        for (int i = 0; i < 300; i++) {
            book.note("production", "java/" + i, List.of("a"), exercise(i + 1, i, 1));
        }
        assertThat(book.exercised("production", Set.of("a")).get("a"))
                .hasSize(200)
                .containsKey("java/299")
                .doesNotContainKey("java/99");
    }

    @Test
    void whatCannotBeReadIsNotRemembered() {
        for (String damaged : List.of("", "{", "{\"exercises\":[{}]}", "{\"exercises\":[{\"kill\":\"x\"}]}")) {
            book.load(damaged.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(book.exercised("production", Set.of("a"))).isEmpty();
    }
}

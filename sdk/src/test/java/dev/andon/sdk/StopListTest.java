package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.model.Keys;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopListTest {

    @Test
    void a_variable_names_targets_of_every_kind() {
        StopList list = StopList.ofVariable(
                "ANDON_KILL",
                "new-checkout, tag:vendor:stripe,owner:Team A,kind:experiment,everything,flag:everything");
        assertThat(labels(list))
                .containsExactly(
                        "new-checkout",
                        "tag:vendor:stripe",
                        "owner:Team A",
                        "kind:experiment",
                        "everything",
                        "flag:everything");
        assertThat(list.problems()).isEmpty();
        assertThat(list.stops().get(0).reason()).isEqualTo("set in ANDON_KILL");
    }

    @Test
    void a_file_has_one_target_a_line_with_a_reason_and_comments() {
        String lines = """
            # for the night

            new-checkout  card payments fail, INC-7
            \ttag:vendor:stripe
            new-checkout again
            #search
            """;
        StopList list = StopList.ofFile("\uFEFF" + lines.replace("\n\n", "\r\n\r\n"));
        assertThat(list.stops())
                .extracting(LocalStop::toString)
                .containsExactly(
                        "new-checkout (file: card payments fail, INC-7)",
                        "tag:vendor:stripe (file: set in the kill file)");
        assertThat(list.problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "kind:lorry", "tag:", "no key", "-x", "\u0000", "flag:", "ключ", "owner:"})
    void what_makes_no_sense_is_named_and_takes_nothing_from_the_rest(String bad) {
        StopList list = StopList.ofVariable("ANDON_KILL", "first," + bad + ",last");
        assertThat(labels(list)).containsExactly("first", "last");
        assertThat(list.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem)
                        .startsWith("ANDON_KILL: ")
                        .contains("(expected: a flag's key, tag:TAG, owner:OWNER, kind:KIND or everything)"));
    }

    @Test
    void there_is_a_limit_that_is_said() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            text.append("flag-").append(i).append('\n');
        }
        StopList list = StopList.ofFile(text.toString());
        assertThat(list.stops()).hasSize(Frame.LocalStops.MAX_STOPS);
        assertThat(list.problems()).hasSize(Frame.LocalStops.MAX_PROBLEMS);
        assertThat(list.problems().get(0)).contains("at most 1000 targets");
        assertThat(list.problems().get(19)).isEqualTo("and 1981 more that make no sense, or are too many");
    }

    @Test
    void a_target_with_space_in_it_stands_in_quotation_marks() {
        StopList list = StopList.ofFile("\"owner:Payments Team\" all of theirs\n\"search\"\n\"open\n\"a\"b\n");
        assertThat(list.stops())
                .extracting(LocalStop::toString)
                .containsExactly("owner:Payments Team (file: all of theirs)", "search (file: set in the kill file)");
        assertThat(list.problems())
                .hasSize(2)
                .allSatisfy(problem -> assertThat(problem).startsWith("kill file, line "));
    }

    @Test
    void what_is_too_long_is_cut_between_characters() {
        String face = "\uD83D\uDE00";
        assertThat(StopList.clean(face.repeat(300), 300)).isEqualTo(face.repeat(149) + "…");
        assertThat(StopList.clean("x" + face.repeat(300), 300)).isEqualTo("x" + face.repeat(149) + "…");
        assertThat(StopList.clean("x".repeat(301), 300)).isEqualTo("x".repeat(299) + "…");
        assertThat(StopList.clean("x".repeat(300), 300)).isEqualTo("x".repeat(300));
    }

    /** The longest that can be said is far from what a server takes. */
    @Test
    void the_most_that_there_can_be_can_be_sent() {
        List<Frame.LocalStops.Standing> stops = new java.util.ArrayList<>();
        for (int i = 0; i < Frame.LocalStops.MAX_STOPS; i++) {
            String owner = i + "€".repeat(Keys.KEY_CHARS - 4);
            stops.add(new Frame.LocalStops.Standing(
                    new LocalStop(
                            LocalStop.Source.ENVIRONMENT,
                            new Target.OwnedBy(owner),
                            "\"€".repeat(LocalStop.REASON_CHARS / 2)),
                    Integer.MAX_VALUE));
        }
        List<String> problems = java.util.Collections.nCopies(
                Frame.LocalStops.MAX_PROBLEMS, "€".repeat(Frame.LocalStops.PROBLEM_CHARS));
        Frame.Report report = new Frame.Report(List.of(), Map.of(), Optional.of(new Frame.LocalStops(stops, problems)));
        assertThat(FrameCodec.decode(FrameCodec.encode(report), FrameCodec.FROM_CLIENT))
                .isEqualTo(report);
    }

    /** A server closes the connection on a frame that it refuses: nothing that people write may lead to one. */
    @Test
    void whatever_is_written_can_be_sent() {
        for (long seed = 0; seed < 500; seed++) {
            StopList list = StopList.ofFile(junk(new Random(seed)));
            Frame.LocalStops local = new Frame.LocalStops(
                    list.stops().stream()
                            .map(stop -> new Frame.LocalStops.Standing(stop, 1))
                            .toList(),
                    list.problems());
            Frame.Report report = new Frame.Report(List.of(), Map.of(), Optional.of(local));
            assertThat(FrameCodec.decode(FrameCodec.encode(report), FrameCodec.FROM_CLIENT))
                    .as("seed " + seed)
                    .isEqualTo(report);
        }
    }

    private static String junk(Random random) {
        String alphabet = "ab:#, \t\n\r\u0000\u0007\uD800\uDC00\uFFFDé\u2028tagkindownereverything";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.append("x".repeat(random.nextInt(1_000))).toString();
    }

    private static List<String> labels(StopList list) {
        return list.stops().stream().map(stop -> stop.target().label()).toList();
    }
}

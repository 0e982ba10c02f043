package dev.andon.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.InvalidInput;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

    @ParameterizedTest
    @CsvSource({"500ms,500", "10s,10000", "2m,120000", "1h,3600000", "30d,2592000000"})
    void readsDurations(String text, long ms) {
        assertThat(Times.duration("--wait", text)).isEqualTo(Duration.ofMillis(ms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "-1s", "1.5s", "10 s", "99999999999s", "1w"})
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> Times.duration("--wait", text))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("--wait: \"" + text + "\" (expected: a duration such as 500ms, 10s, 2m, 1h or 30d)");
    }

    @Test
    void wholeSecondsAndDaysAreNotCutOffFromOtherLengths() {
        assertThat(Times.seconds("--overlap", "2m")).isEqualTo(120);
        assertThat(Times.days("--lifetime", "48h")).isEqualTo(2);
        assertThatThrownBy(() -> Times.seconds("--overlap", "1500ms"))
                .hasMessage("--overlap: \"1500ms\" (expected: whole seconds, such as 60s, 5m or 1h)");
        assertThatThrownBy(() -> Times.days("--lifetime", "36h"))
                .hasMessage("--lifetime: \"36h\" (expected: whole days, such as 90d)");
    }

    @ParameterizedTest
    @CsvSource({
        "7,7 ms",
        "1250,1.25 s",
        "12000,12.0 s",
        "61000,1 min 1 s",
        "120000,2 min",
        "7200000,2 h",
        "172800000,2 d"
    })
    void showsDurationsInTheUnitThatSuitsThem(long ms, String shown) {
        assertThat(Times.shown(Duration.ofMillis(ms))).isEqualTo(shown);
    }

    @Test
    void showsMomentsInUtc() {
        assertThat(Times.moment(Instant.parse("2026-11-22T14:03:07.123Z"))).isEqualTo("2026-11-22 14:03:07Z");
    }
}

package dev.andon.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcCallTest {
    @ParameterizedTest
    @CsvSource({
        "1n, 1",
        "2u, 2000",
        "3m, 3000000",
        "4S, 4000000000",
        "5M, 300000000000",
        "6H, 21600000000000",
        "99999999S, 99999999000000000",
        "00000000m, 0"
    })
    void aTimeoutHasUpToEightDigitsAndAUnit(String text, long nanos) {
        assertThat(GrpcCall.timeoutNanos(text)).hasValue(nanos);
    }

    @Test
    void aTimeoutOfTenThousandYearsIsAsGoodAsOneOfAHundred() {
        assertThat(GrpcCall.timeoutNanos("99999999H").getAsLong()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "S", "-1S", "123456789S", "1.5S", "1s", "1 S"})
    void whatIsntATimeoutIsNone(String text) {
        assertThat(GrpcCall.timeoutNanos(text)).isEmpty();
    }

    @Test
    void aMessageHasFiveBytesBeforeIt() {
        assertThat(GrpcMessage.of(new byte[0x01020304 % 70_000]).framed().getUnsignedInt(1))
                .isEqualTo(0x01020304 % 70_000);
        assertThat(GrpcMessage.of(new byte[] {7}).framed().getBytes()).containsExactly(0, 0, 0, 0, 1, 7);
    }
}

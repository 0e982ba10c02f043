package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.InvalidInput;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AndonOptionsTest {
    private static AndonOptions.Builder minimal() {
        return AndonOptions.builder()
                .server(URI.create("https://andon.example.com"))
                .key("andon_sdk_x")
                .service("checkout");
    }

    @Test
    void defaults() {
        AndonOptions options = minimal().build();
        assertThat(options.region()).isEmpty();
        assertThat(options.instance()).isEmpty();
        assertThat(options.stateDirectory()).isEmpty();
        assertThat(options.blindAfter()).isEqualTo(Duration.ofSeconds(30)).isEqualTo(AndonOptions.BLIND_AFTER);
        assertThat(options.proxy()).isEmpty();
        assertThat(options.sslContext()).isEmpty();
        assertThat(options.closeOnExit()).isTrue();
    }

    @Test
    void from_the_environment() {
        AndonOptions options = AndonOptions.from(Map.of(
                        "ANDON_SERVER", "http://127.0.0.1:8080, http://127.0.0.1:8081 ",
                        "ANDON_SDK_KEY", "andon_sdk_x",
                        "ANDON_SERVICE", "checkout",
                        "ANDON_REGION", "eu-west",
                        "ANDON_STATE_DIRECTORY", "/var/lib/checkout",
                        "ANDON_PROXY", "http://ann:p:w@proxy.example.com:3128"))
                .service("cart")
                .build();
        assertThat(options.servers())
                .containsExactly(URI.create("http://127.0.0.1:8080"), URI.create("http://127.0.0.1:8081"));
        assertThat(options.key()).isEqualTo("andon_sdk_x");
        assertThat(options.service()).isEqualTo("cart");
        assertThat(options.region()).contains("eu-west");
        assertThat(options.stateDirectory()).contains(Path.of("/var/lib/checkout"));
        assertThat(options.proxy())
                .contains(new AndonOptions.Proxy(
                        "proxy.example.com", 3128, Optional.of(new AndonOptions.Credentials("ann", "p:w"))));
    }

    @Test
    void what_is_missing_is_named_with_what_was_expected() {
        assertThatThrownBy(() -> AndonOptions.builder().build())
                .isInstanceOf(InvalidInput.class)
                .hasMessage("server: nothing (expected: the server's address, such as https://andon.example.com)");
        assertThatThrownBy(() -> AndonOptions.builder()
                        .server(URI.create("http://localhost"))
                        .build())
                .hasMessageStartingWith("key: nothing (expected: the environment's SDK key");
        assertThatThrownBy(() -> AndonOptions.from(
                                Map.of("ANDON_SERVER", "http://localhost", "ANDON_SDK_KEY", "x", "ANDON_SERVICE", " "))
                        .build())
                .hasMessageStartingWith("service: nothing (expected: the name of this service");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost:8080", "ftp://andon", "https:///x", "https://u:p@andon", "https://andon?x", "/x"})
    void addresses_that_are_none(String address) {
        assertThatThrownBy(() -> minimal().server(URI.create(address)).build())
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("server: ")
                .hasMessageNotContaining("u:p");
    }

    @ParameterizedTest
    @CsvSource({"https://proxy:1, proxy", "http://proxy, proxy", "http://u:p@:1, proxy"})
    void proxies_that_are_none(String address, String path) {
        assertThatThrownBy(() -> minimal().proxy(URI.create(address)))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith(path + ": ")
                .hasMessageNotContaining("u:p@");
    }

    @Test
    void files_that_are_no_certificates() {
        assertThatThrownBy(() ->
                        minimal().trustedCertificates(Path.of("/no/such.pem")).build())
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("trustedCertificates: /no/such.pem");
    }

    @Test
    void secrets_stay_out_of_texts() {
        AndonOptions options = minimal()
                .region("eu")
                .proxy(URI.create("http://ann:secret@proxy.example.com:3128"))
                .build();
        assertThat(options).hasToString("checkout in eu at https://andon.example.com");
    }

    @Test
    void a_key_with_a_line_break_is_refused_without_showing_it() {
        assertThatThrownBy(() -> minimal().key("andon\r\nx").build())
                .hasMessageStartingWith("key: characters that no key has")
                .hasMessageNotContaining("andon\r");
    }
}

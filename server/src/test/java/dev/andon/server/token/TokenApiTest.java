package dev.andon.server.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TokenApiTest {
    private static final String TOKENS = "/api/v1/tokens";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    private int statusWith(String secret) {
        return api.call("GET", "/api/v1/flags", null, "Authorization", "Bearer " + secret)
                .status();
    }

    @Test
    void aSecretIsShownOnceAndWorksAtOnce() {
        Answer issued = api.post(TOKENS, "{'name':'ci','role':'viewer','reason':'r'}");
        assertThat(issued.status()).as(issued.body()).isEqualTo(201);
        String secret = issued.text("secret");
        assertThat(secret).startsWith("andon_viewer_").hasSizeGreaterThan(50);
        assertThat(statusWith(secret)).isEqualTo(200);
        assertThat(api.get(TOKENS).body())
                .contains("\"ci\"")
                .doesNotContain(secret)
                .doesNotContain("hash")
                .doesNotContain(Secret.hash(secret));
        assertThat(api.get("/api/v1/log").body()).doesNotContain(secret).doesNotContain(Secret.hash(secret));
    }

    @Test
    void aDryRunIssuesNothing() {
        Answer rehearsed = api.post(TOKENS + "?dryRun=true", "{'name':'ci','role':'viewer','reason':'r'}");
        assertThat(rehearsed.status()).isEqualTo(200);
        assertThat(rehearsed.body()).doesNotContain("andon_viewer_");
    }

    @Test
    void namesAndEnvironmentsAreChecked() {
        assertThat(api.post(TOKENS, "{'name':'admin','role':'viewer','reason':'r'}")
                        .status())
                .isEqualTo(409);
        assertThat(api.post(TOKENS, "{'name':'x','role':'sdk','reason':'r'}").text("field"))
                .isEqualTo("environment");
        assertThat(api.post(TOKENS, "{'name':'x','role':'viewer','environment':'production','reason':'r'}")
                        .text("field"))
                .isEqualTo("environment");
        assertThat(api.post(TOKENS, "{'name':'x','role':'sdk','environment':'none','reason':'r'}")
                        .text("expected"))
                .contains("production");
        assertThat(api.post(TOKENS, "{'name':'x','role':'boss','reason':'r'}").text("expected"))
                .contains("admin, operator, auditor, viewer, relay, sdk");
    }

    @Test
    void aRotationLetsTheOldSecretRunOut() {
        Answer issued = api.post(TOKENS, "{'name':'ci','role':'viewer','reason':'r'}");
        String path = TOKENS + "/" + issued.text("token.id");
        Answer rotated = api.post(path + "/rotations", "{'overlapSeconds':60,'reason':'r'}");
        assertThat(rotated.status()).as(rotated.body()).isEqualTo(201);
        assertThat(statusWith(issued.text("secret"))).isEqualTo(200);
        assertThat(statusWith(rotated.text("secret"))).isEqualTo(200);
        api.now.updateAndGet(now -> now.plus(Duration.ofSeconds(60)));
        assertThat(statusWith(issued.text("secret"))).isEqualTo(401);
        assertThat(statusWith(rotated.text("secret"))).isEqualTo(200);
        Answer atOnce = api.post(path + "/rotations", "{'overlapSeconds':0,'reason':'r'}");
        assertThat(statusWith(rotated.text("secret"))).isEqualTo(401);
        assertThat(statusWith(atOnce.text("secret"))).isEqualTo(200);
        for (int i = 0; i < 7; i++) {
            assertThat(api.post(path + "/rotations", "{'overlapSeconds':60,'reason':'r'}")
                            .status())
                    .isEqualTo(201);
        }
        assertThat(api.post(path + "/rotations", "{'overlapSeconds':60,'reason':'r'}")
                        .status())
                .as("too many secrets at once")
                .isEqualTo(409);
    }

    @Test
    void aRevokedTokenIsRefusedForEver() {
        Answer issued = api.post(TOKENS, "{'name':'ci','role':'viewer','reason':'r'}");
        String path = TOKENS + "/" + issued.text("token.id");
        Answer revoked = api.delete(path + "?reason=left");
        assertThat(revoked.status()).as(revoked.body()).isEqualTo(200);
        assertThat(revoked.text("token.revokedAt")).isEqualTo("2026-11-22T12:00:00Z");
        assertThat(statusWith(issued.text("secret"))).isEqualTo(401);
        assertThat(api.delete(path + "?reason=left").version()).isEqualTo(revoked.version());
        assertThat(api.post(path + "/rotations", "{'overlapSeconds':0,'reason':'r'}")
                        .status())
                .isEqualTo(409);
        assertThat(api.post(TOKENS, "{'name':'ci','role':'viewer','reason':'r'}")
                        .status())
                .as("the name is free again")
                .isEqualTo(201);
    }

    @Test
    void theLastAdminCantBeRevoked() {
        Answer refused = api.delete(TOKENS + "/a1?reason=r");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("value")).contains("last admin");
        Answer other = api.post(TOKENS, "{'name':'second','role':'admin','reason':'r'}");
        assertThat(api.delete(TOKENS + "/a1?reason=r").status()).isEqualTo(200);
        assertThat(api.call(
                                "DELETE",
                                TOKENS + "/" + other.text("token.id") + "?reason=r",
                                null,
                                "Authorization",
                                "Bearer " + other.text("secret"))
                        .status())
                .isEqualTo(409);
    }

    @Test
    void onlyAdminsManageTokens() {
        for (String secret : new String[] {ApiFixture.OPERATOR, ApiFixture.VIEWER, ApiFixture.SDK}) {
            assertThat(api.post(TOKENS, "{'name':'x','role':'admin','reason':'r'}", "Authorization", "Bearer " + secret)
                            .status())
                    .isEqualTo(403);
        }
    }
}

package dev.andon.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Json;
import dev.andon.core.ledger.ExportCheck;
import dev.andon.core.ledger.ExportVerdict;
import dev.andon.core.ledger.ExportVerifier;
import dev.andon.server.ApiClient;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ServerFixture;
import dev.andon.server.node.FaultyStore;
import dev.andon.server.node.SavedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ledger over HTTP, whole and broken in its SQLite file. */
final class LedgerApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LEDGER = "/api/v1/ledger";

    @TempDir
    private Path folder;

    private ServerFixture server;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        server = new ServerFixture(folder).start();
        connect();
        for (int i = 0; i < 8; i++) {
            server.createFlag("f" + i);
        }
    }

    private void connect() throws Exception {
        String admin = Files.readString(server.server().adminTokenFile()).strip();
        api = new ApiClient(server.uri(), admin);
    }

    @AfterEach
    void close() {
        api.close();
        server.close();
    }

    private void breakEntry(long entry) throws Exception {
        api.close();
        await().atMost(PATIENCE)
                .until(SavedImage.isNewest(server.data(), server.server().controlPlane()));
        server.server().close();
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + server.data().resolve("ledger.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TRIGGER entry_stays");
            statement.execute("UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'team', 'mate') AS BLOB)"
                    + " WHERE version = " + entry);
        }
        server.start();
        connect();
        await().atMost(PATIENCE).until(() -> api.get("/health/ready").body().contains("\"state\":\"damaged\""));
    }

    private static ExportVerdict verdict(Answer export, String... keys) {
        ExportCheck check = new ExportCheck(ExportVerifier.expecting(Set.of(keys)));
        byte[] bytes = export.body().getBytes(UTF_8);
        check.take(bytes, 0, bytes.length);
        return check.end();
    }

    @Test
    void anAuditorTakesTheLedgerAlongAndVerifiesItWithTheNodesKey() {
        String auditor = api.post("/api/v1/tokens", "{'name':'audit','role':'auditor','reason':'r'}")
                .text("secret");
        String bearer = "Bearer " + auditor;
        Answer keys = api.call("GET", LEDGER + "/keys", null, "Authorization", bearer);
        Answer state = api.call("GET", LEDGER, null, "Authorization", bearer);
        Answer export = api.call("GET", LEDGER + "/export", null, "Authorization", bearer);

        assertThat(export.status()).isEqualTo(200);
        assertThat(keys.text("items.0.answering")).isEqualTo("true");
        assertThat(verdict(export, keys.text("items.0.publicKey")))
                .isInstanceOfSatisfying(ExportVerdict.Good.class, good -> {
                    assertThat(good.end().ledger()).isEqualTo(state.text("ledger"));
                    assertThat("" + good.end().version()).isEqualTo(state.text("version"));
                    assertThat(good.end().hash().hex()).isEqualTo(state.text("hash"));
                    assertThat(good.end().node()).isEqualTo(keys.text("items.0.node"));
                });
        assertThat(api.call("POST", "/api/v1/flags", "{}", "Authorization", bearer)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void anExportMayBeginLaterAndNotBeyondTheEnd() {
        long end = Long.parseLong(api.get(LEDGER).text("version"));
        assertThat(verdict(api.get(LEDGER + "/export?after=5")))
                .isInstanceOfSatisfying(
                        ExportVerdict.Good.class,
                        good -> assertThat(good.after()).isEqualTo(5));
        assertThat(verdict(api.get(LEDGER + "/export?after=" + end))).isInstanceOf(ExportVerdict.Good.class);
        Answer beyond = api.get(LEDGER + "/export?after=" + (end + 1));
        assertThat(beyond.status()).isEqualTo(404);
        assertThat(beyond.text("detail")).isEqualTo("after: " + (end + 1) + " (expected: 0 to " + end + ")");
    }

    @Test
    void anExportFailsByNameWhenTheStoreCantBeRead() {
        server.store().mode(FaultyStore.Mode.REFUSING);
        Answer refused = api.get(LEDGER + "/export");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.text("type")).contains("store-unavailable");
        server.store().mode(FaultyStore.Mode.WORKING);
        await().atMost(PATIENCE).until(() -> api.get(LEDGER + "/export").status() == 200);
    }

    @Test
    void onABrokenLedgerTheServerSaysWhichEntryServesKillsAndRefusesChanges() throws Exception {
        breakEntry(9);
        Answer ready = api.get("/health/ready");
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.text("message"))
                .isEqualTo("serving, but the ledger is damaged at entry 9: kills work, changes don't");
        assertThat(ready.text("store.brokenEntry")).isEqualTo("9");
        Answer state = api.get(LEDGER);
        assertThat(state.text("broken.entry")).isEqualTo("9");
        assertThat(state.text("broken.reason")).startsWith("hash: ");

        Answer change = api.post("/api/v1/flags", "{'flag':{'key':'g','type':'boolean','owner':'o'},'reason':'r'}");
        assertThat(change.status()).isEqualTo(503);
        assertThat(change.text("type")).contains("ledger-damaged");
        assertThat(change.text("detail")).contains("entry 9: hash: ").contains("nothing was changed");
        assertThat(change.text("next")).contains("docs/guide/ledger.md");
        assertThat(api.get("/metrics").body()).contains("andon_store_damaged 1.0");
        Answer evaluated = api.post("/api/v1/environments/production/evaluations", "{'flag':'f1'}");
        assertThat(evaluated.status()).isEqualTo(200);

        Answer kill = api.post("/api/v1/environments/production/kills", "{'target':{'flag':'f1'},'reason':'r'}");
        assertThat(kill.status()).as(kill.body()).isLessThan(300);
        await().atMost(PATIENCE)
                .until(() -> api.get("/health/ready").text("pendingKills").equals("0"));
        assertThat(api.get("/api/v1/environments/production/kills").body()).contains(kill.text("id"));
        Answer restore = api.post("/api/v1/environments/production/restores", "{'flag':'f1','reason':'r'}");
        assertThat(restore.status()).as(restore.body()).isEqualTo(503);

        assertThat(verdict(api.get(LEDGER + "/export")))
                .isInstanceOfSatisfying(
                        ExportVerdict.Bad.class, bad -> assertThat(bad.entry()).isEqualTo(9));
        assertThat(verdict(api.get(LEDGER + "/export?after=9"))).isInstanceOf(ExportVerdict.Good.class);
    }

    @Test
    void itGoesOnInANewEpochWhenAnAdminNamesTheEntry() throws Exception {
        Answer whole = api.post(LEDGER + "/epochs", "{'entry':9,'reason':'r'}");
        assertThat(whole.status()).isEqualTo(409);
        assertThat(whole.text("detail"))
                .isEqualTo("entry: 9 (expected: an entry that is broken; as far as this node knows, none is)");
        breakEntry(9);
        Answer other = api.post(LEDGER + "/epochs", "{'entry':8,'reason':'r'}");
        assertThat(other.status()).isEqualTo(409);
        Answer rehearsed = api.post(LEDGER + "/epochs?dryRun=true", "{'entry':9,'reason':'r'}");
        assertThat(rehearsed.status()).as(rehearsed.body()).isEqualTo(200);
        String epoch = api.get(LEDGER).text("epoch");

        String key = "once";
        Answer done = api.post(LEDGER + "/epochs", "{'entry':9,'reason':'disk'}", "Idempotency-Key", key);

        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(Long.parseLong(done.text("epoch"))).isGreaterThan(Long.parseLong(epoch));
        Answer again = api.post(LEDGER + "/epochs", "{'entry':9,'reason':'disk'}", "Idempotency-Key", key);
        assertThat(again.text("repeated")).isEqualTo("true");
        assertThat(api.get(LEDGER).text("epoch")).isEqualTo(done.text("epoch"));
        assertThat(api.get("/health/ready").text("store.state")).isEqualTo("connected");
        server.createFlag("after");
        Answer entry = api.get("/api/v1/log/" + done.text("version"));
        assertThat(entry.text("type")).isEqualTo("ledger.continue");
        assertThat(entry.text("reason")).isEqualTo("disk");
        assertThat(entry.text("changes.0.after.entry")).isEqualTo("9");
        assertThat(entry.at("changes.0.after.found")).isInstanceOf(Json.Text.class);
        assertThat(api.contract().succeeded()).contains("POST /api/v1/ledger/epochs");
    }
}

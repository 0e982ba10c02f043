package dev.andon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.ledger.ChainHash;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.ledger.ExportLine;
import dev.andon.core.ledger.PublicKeys;
import dev.andon.core.model.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerCommandTest {
    private static final String LEDGER = "00112233445566778899aabbccddeeff";
    private static final KeyPair PAIR = pair();
    private static final String KEY =
            Base64.getEncoder().encodeToString(PAIR.getPublic().getEncoded());

    @TempDir
    private Path folder;

    private FakeApi api;
    private final String export = export();

    @BeforeEach
    void open() throws IOException {
        api = new FakeApi();
    }

    @AfterEach
    void close() {
        api.close();
    }

    private static KeyPair pair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String export() {
        StringBuilder out = new StringBuilder();
        out.append(new String(new ExportLine.Header(LEDGER, 0, ChainHash.ZERO).bytes(), UTF_8));
        ChainHash hash = ChainHash.ZERO;
        for (int i = 1; i <= 3; i++) {
            byte[] entry = ("{\"entry\":" + i + "}").getBytes(UTF_8);
            hash = hash.next(i, entry);
            out.append(new String(new ExportLine.Recorded(i, hash, entry).bytes(), UTF_8));
        }
        Checkpoint end = Checkpoint.sign(
                LEDGER, 1, 3, hash, new Node("n1", KEY), Instant.parse("2026-11-22T14:03:00Z"), PAIR.getPrivate());
        return out.append(new String(new ExportLine.Signed(end).bytes(), UTF_8)).toString();
    }

    private Run run(String... arguments) {
        return api.place().in(folder).andon(arguments);
    }

    private Run verify(String content, String... more) throws IOException {
        Files.writeString(folder.resolve("ledger.ndjson"), content);
        String[] all = new String[more.length + 3];
        System.arraycopy(new String[] {"ledger", "verify", "ledger.ndjson"}, 0, all, 0, 3);
        System.arraycopy(more, 0, all, 3, more.length);
        return Run.place().in(folder).andon(all);
    }

    @Test
    void aGoodExportIsGoodWithoutAServer() throws IOException {
        Files.writeString(folder.resolve("andon.pub"), "node n1\n" + PublicKeys.pem(KEY));
        Run run = verify(export, "--key", "andon.pub");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .isEqualTo("GOOD  entries 1 to 3 of ledger " + LEDGER + "\n  signed by node n1 at"
                        + " 2026-11-22 14:03:00Z, in epoch 1; 1 checkpoint\n");
        assertThat(verify(export, "--key", KEY, "--json").json().text())
                .contains("\"verdict\":\"good\"")
                .contains("\"expectedKey\":true");
        Run piped = Run.place().typing(export).andon("ledger", "verify", "-");
        assertThat(piped.exitCode()).isZero();
        assertThat(piped.out()).contains("Whether it is forged shows only with the node's key");
    }

    @Test
    void aBadExportNamesTheFirstEntryThatIsWrong() throws IOException {
        Run run = verify(export.replace("\\\"entry\\\":2", "\\\"entry\\\":7"));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).startsWith("BAD  line 3, entry 2\n  hash: ").contains("(expected: ");
        Run json = verify(export.substring(0, export.length() - 1), "--json");
        assertThat(json.exitCode()).isEqualTo(3);
        assertThat(json.json().text())
                .startsWith("{\"verdict\":\"bad\",\"line\":5,\"entry\":3,\"reason\":\"line: unfinished after ");
        assertThat(verify("").out()).contains("line 1, the header");
    }

    @Test
    void anotherKeyIsBadAndNoKeyIsAMistake() throws IOException {
        String other = Base64.getEncoder().encodeToString(pair().getPublic().getEncoded());
        Run wrong = verify(export, "--key", other);
        assertThat(wrong.exitCode()).isEqualTo(3);
        assertThat(wrong.out()).contains("checkpoint.key: " + KEY).contains("(expected: one of the keys given)");
        assertThat(verify(export, "--key", other, "--key", KEY).exitCode()).isZero();
        Run none = verify(export, "--key", "nothing.pub");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err())
                .contains("--key: nothing.pub (expected: a file with an Ed25519 public key in PEM, or the key in"
                        + " Base64)");
        Run missing = run("ledger", "verify", "missing");
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).contains("FILE: missing (expected: a file that exists)");
    }

    @Test
    void anExportIsWrittenForItsOwnerAndVerifiedOnItsWay() throws IOException {
        api.on("GET /ledger/export", 200, export.replace('\'', '"'));
        Run run = run("ledger", "export", "ledger.ndjson");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("GOOD  entries 1 to 3");
        Path file = folder.resolve("ledger.ndjson");
        assertThat(Files.readString(file)).isEqualTo(export);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(folder.resolve("ledger.ndjson.part")).doesNotExist();

        Run piped = run("ledger", "export", "--after", "7");
        assertThat(piped.out()).isEqualTo(export);
        assertThat(api.last().query()).isEqualTo("after=7");
    }

    @Test
    void theVerdictOnAnExportIsOneDocumentWhereTheExportIsNot() {
        api.on("GET /ledger/export", 200, export.replace('\'', '"'));
        assertThat(run("ledger", "export", "ledger.ndjson", "--json").json().text())
                .startsWith("{\"verdict\":\"good\"");
        Run both = run("ledger", "export", "--json");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.err()).contains("a FILE for the export");
    }

    @Test
    void aBadExportIsWrittenAllTheSameAndOneThatFailsIsNot() throws IOException {
        String bad = export.replace("\\\"entry\\\":2", "\\\"entry\\\":7");
        api.on("GET /ledger/export", 200, bad);
        Run run = run("ledger", "export", "ledger.ndjson");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).startsWith("BAD  line 3, entry 2");
        assertThat(Files.readString(folder.resolve("ledger.ndjson"))).isEqualTo(bad);

        api.on("GET /ledger/export", 403, "{'type':'t','title':'t','status':403,'detail':'role: viewer'}");
        run("ledger", "export", "before");
        Run refused = run("ledger", "export", "other");
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("role: viewer");
        assertThat(folder.resolve("other")).doesNotExist();
        assertThat(folder.resolve("other.part")).doesNotExist();
    }

    @Test
    void anExportThatBreaksOffIsNotThere() {
        api.hangUp("GET /ledger/export");
        Run run = run("ledger", "export", "ledger.ndjson");
        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("expected: an Andon server that answers");
        assertThat(folder.resolve("ledger.ndjson")).doesNotExist();
        Run nowhere = run("ledger", "export", "no/such/folder");
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(nowhere.err()).contains("FILE: no/such/folder (expected: a place that can be written");
    }

    @Test
    void theKeyThatIsPrintedIsOneThatTheVerifierTakes() throws IOException {
        String other = Base64.getEncoder().encodeToString(pair().getPublic().getEncoded());
        api.on(
                "GET /ledger/keys",
                200,
                "{'items':[{'node':'n0','publicKey':'" + other + "','version':1,'answering':false},"
                        + "{'node':'n1','publicKey':'" + KEY + "','version':9,'answering':true}]}");
        Run one = run("ledger", "key");
        assertThat(one.out()).isEqualTo("node n1\n-----BEGIN PUBLIC KEY-----\n" + KEY + "\n-----END PUBLIC KEY-----\n");
        Files.writeString(folder.resolve("andon.pub"), one.out());
        assertThat(verify(export, "--key", "andon.pub").exitCode()).isZero();
        assertThat(PublicKeys.read(run("ledger", "key", "--all").out())).containsExactly(other, KEY);
    }

    @Test
    void statusSaysWhatIsBrokenAndHowToGoOn() {
        String known = "'ledger':'" + LEDGER + "','epoch':1,'version':80,'hash':'h','node':'n1',"
                + "'checked':{'version':80,'at':'2026-11-22T14:03:00Z'}";
        api.on("GET /ledger", 200, "{" + known + "}");
        api.on(
                "GET /ledger",
                200,
                "{" + known
                        + ",'broken':{'entry':57,'reason':'hash: x (expected: y)','since':'2026-11-22T14:03:00Z'}}");
        Run sound = run("ledger", "status");
        assertThat(sound.exitCode()).isZero();
        assertThat(sound.out())
                .startsWith("SOUND  as far as this node has checked\n")
                .contains("checked up to version 80, 2026-11-22 14:03:00Z");
        Run broken = run("ledger", "status");
        assertThat(broken.exitCode()).isEqualTo(3);
        assertThat(broken.out())
                .startsWith("BROKEN  entry 57, found 2026-11-22 14:03:00Z\n  hash: x (expected: y)\n")
                .contains("andon ledger continue --entry 57");
    }

    @Test
    void goingOnNamesTheEntryAndGivesAReason() {
        api.on("POST /ledger/epochs", 201, "{'epoch':1764000000,'version':81,'entry':57}");
        Run run = run("ledger", "continue", "--entry", "57", "--reason", "disk");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("CONTINUED  after entry 57, version 81");
        assertThat(api.last().json().text()).isEqualTo("{\"reason\":\"disk\",\"entry\":57}");
    }
}

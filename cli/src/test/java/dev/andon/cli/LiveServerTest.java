package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.start.RunningServer;
import dev.andon.core.json.Fields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands against a real server. */
class LiveServerTest {
    @TempDir
    static Path directory;

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start(
                new RunningServer.Settings(directory.resolve("data"), "127.0.0.1", 0, Optional.empty()));
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static Run andon(String... arguments) {
        return place().with("ANDON_DATA", "data").andon(arguments);
    }

    private static Run.Place place() {
        return Run.place().in(directory).with("ANDON_SERVER", server.address().toString());
    }

    private static void create(String flag) {
        Run run = andon("flag", "create", flag, "--owner", "shop", "-r", "x");
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void aKillWithNobodyLiveStandsAndIsNotProven() {
        create("lonely");
        Run run = andon("kill", "lonely", "-e", "production", "-r", "x", "--wait", "200ms", "--json");
        assertThat(run.exitCode()).isEqualTo(5);
        Fields kill = Fields.lenient(run.json());
        assertThat(kill.object("receipt").text("verdict")).isEqualTo("nobody-live");
        assertThat(kill.texts("flags")).containsExactly("lonely");
        assertThat(andon("flag", "list", "-e", "production").out()).containsPattern("lonely +KILLED");
        assertThat(andon("receipt", kill.text("id")).out()).startsWith("NOBODY LIVE");
        assertThat(andon("restore", "lonely", "-e", "production", "-r", "y").out())
                .startsWith("RESTORED  lonely in production")
                .contains(kill.text("id"));
    }

    @Test
    void tagsAreReplacedAndTakenAway() {
        create("tagged");
        assertThat(andon("flag", "set", "tagged", "--tag", "a", "--tag", "b", "-r", "x")
                        .out())
                .contains("tags: [] → [\"a\",\"b\"]");
        assertThat(andon("flag", "set", "tagged", "--tag", "", "-r", "x").out()).contains("tags: [\"a\",\"b\"] → []");
    }

    @Test
    void anUnknownFlagIsRefusedWithTheOneThatWasMeant() {
        create("new-basket");
        Run run = andon("kill", "new-baskte", "-e", "production", "-r", "x");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("new-baskte").contains("Did you mean new-basket?");
    }

    @Test
    void whatSomebodyElseChangedIsNotOverwritten() {
        create("shared");
        String version = Fields.lenient(andon("flag", "show", "shared", "-e", "production", "--json")
                        .json())
                .json("version")
                .text();
        assertThat(andon("flag", "set", "shared", "-e", "production", "--on", "-r", "first")
                        .exitCode())
                .isZero();
        Run late = andon(
                "flag", "set", "shared", "-e", "production", "--serve", "off", "-r", "y", "--if-version", version);
        assertThat(late.exitCode()).isEqualTo(3);
        assertThat(late.err())
                .contains("production/shared: version ")
                .contains("is there (expected: \"" + version + "\")");
    }

    @Test
    void whatIsAlreadySoIsUnchanged() {
        create("same");
        assertThat(andon("flag", "set", "same", "-e", "production", "--on", "-r", "x")
                        .out())
                .startsWith("CHANGED  same");
        assertThat(andon("flag", "set", "same", "-e", "production", "--on", "-r", "x")
                        .out())
                .startsWith("UNCHANGED  same");
    }

    @Test
    void aWrongTokenIsRefusedWithTheWayOut() {
        Run run = place().with("ANDON_TOKEN", "andon_admin_wrong").andon("flag", "list");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("token recover");
    }

    @Test
    void anAddressWithTlsOfAServerWithoutIsToldFromAServerThatIsDown() {
        String secure = server.address().toString().replace("http://", "https://");
        Run run =
                place().with("ANDON_SERVER", secure).with("ANDON_DATA", "data").andon("flag", "list");
        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("it doesn't speak TLS. Its address may begin with http://");
    }

    @Test
    void aLostAdminTokenIsRecoveredOnTheServersMachine() {
        Run run = place().andon("token", "recover", "--data", "data", "-r", "lost", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        String secret = Fields.lenient(run.json()).text("secret");
        assertThat(place().with("ANDON_TOKEN", secret).andon("token", "list").exitCode())
                .isZero();
        assertThat(andon("token", "list").exitCode())
                .as("the token in DIR/admin.token")
                .isZero();
    }

    @Test
    void recoveringElsewhereIsRefused() {
        Run run = place().andon("token", "recover", "--data", "nowhere", "-r", "lost");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("nowhere: no such folder (expected: the server's data folder)");
        assertThat(directory.resolve("nowhere")).doesNotExist();
    }

    @Test
    void recoveringInAFolderThatNoServerHasUsedIsRefused() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Run run = place().andon("token", "recover", "--data", "empty", "-r", "lost");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("no server has used this folder");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void everyKindOfChangeCanBeRehearsed() {
        create("rehearsed");
        long before = Fields.lenient(andon("log", "-n", "1", "--json").json())
                .items("items")
                .size();
        String newest = andon("log", "-n", "1", "--json").out();
        assertThat(andon("flag", "create", "x", "--owner", "o", "-r", "x", "--dry-run")
                        .out())
                .startsWith("WOULD CREATE");
        assertThat(andon("flag", "set", "rehearsed", "-e", "production", "--on", "-r", "x", "--dry-run")
                        .out())
                .startsWith("WOULD CHANGE")
                .contains("on: false → true");
        assertThat(andon("flag", "archive", "rehearsed", "-r", "x", "--dry-run").out())
                .startsWith("WOULD ARCHIVE");
        assertThat(andon("kill", "rehearsed", "-e", "production", "-r", "x", "--dry-run")
                        .out())
                .startsWith("WOULD KILL");
        assertThat(andon("environment", "create", "x", "-r", "x", "--dry-run").out())
                .startsWith("WOULD CREATE");
        assertThat(andon("token", "create", "x", "--role", "viewer", "-r", "x", "--dry-run")
                        .out())
                .startsWith("WOULD ISSUE");
        assertThat(andon(
                                "segment",
                                "set",
                                "x",
                                "-e",
                                "production",
                                "--when",
                                "{\"attribute\":\"a\",\"exists\":true}",
                                "-r",
                                "x",
                                "--dry-run")
                        .out())
                .startsWith("WOULD SAVE");
        assertThat(before).isEqualTo(1);
        assertThat(andon("log", "-n", "1", "--json").out()).isEqualTo(newest);
    }

    @Test
    void flagsGoOutAsAFlagdDocumentAndComeBackInEitherForm() throws IOException {
        andon("environment", "create", "shop", "-r", "x");
        andon("environment", "create", "copy", "-r", "x");
        String yaml = """
            flags:
              carts: {state: ENABLED, variants: {on: true, off: false}, defaultVariant: on}
              mails: {state: ENABLED, variants: {big: 10, off: 0}, defaultVariant: big}
            """;
        Files.writeString(directory.resolve("in.yaml"), yaml);
        Run in = andon("import", "flagd", "in.yaml", "-e", "shop", "-r", "x");
        assertThat(in.exitCode()).as(in.err()).isZero();

        Run out = andon("export", "flagd", "-e", "shop");
        assertThat(out.exitCode()).as(out.err()).isZero();
        assertThat(Fields.lenient(out.json()).map("flags")).containsOnlyKeys("carts", "mails");
        assertThat(out.err()).contains("Exported 2 of 2 flags of shop as of version", "No kill stands.");

        andon("kill", "carts", "-e", "shop", "-r", "x");
        Run written = andon("export", "flagd", "-e", "shop", "--yaml", "--out", "out.yaml");
        assertThat(written.exitCode()).as(written.err()).isZero();
        assertThat(written.out()).isEmpty();
        assertThat(written.err())
                .contains(
                        "warning: carts: kill ",
                        "to out.yaml",
                        "What these kills stop is stopped in the document, too: ");
        Run back = andon("import", "flagd", "out.yaml", "-e", "copy", "-r", "x");
        assertThat(back.exitCode()).as(back.err()).isZero();
        assertThat(back.out()).contains("carts: it was exported while kill ");
        assertThat(andon("evaluate", "mails", "-e", "copy", "--json").out()).contains("\"variant\":\"big\"");
        assertThat(andon("evaluate", "carts", "-e", "copy", "--json").out()).contains("\"variant\":\"off\"");
        assertThat(andon("restore", "carts", "-e", "shop", "-r", "x").exitCode())
                .isZero();

        Run nowhere = andon("export", "flagd", "-e", "shop", "--out", "none/out.json");
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(nowhere.err()).contains("--out: ");
    }

    @Test
    void aFlagThatFlagdCantExpressIsNamedAndLeftOut() throws IOException {
        andon("environment", "create", "blind", "-r", "x");
        Files.writeString(
                directory.resolve("blind.json"),
                "{\"variants\":{\"on\":true,\"off\":false},\"safeVariant\":\"off\",\"on\":true,"
                        + "\"fallThrough\":{\"variant\":\"on\"},\"whenBlind\":{\"safeAfterSeconds\":9}}");
        create("blind");
        Run set = andon("flag", "set", "blind", "-e", "blind", "--file", "blind.json", "-r", "x");
        assertThat(set.exitCode()).as(set.err()).isZero();
        Run out = andon("export", "flagd", "-e", "blind");
        assertThat(out.exitCode()).isEqualTo(3);
        assertThat(out.err()).contains("left out: blind: whenBlind", "Exported 0 of 1 flags");
    }
}

package dev.andon.server.flagd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

final class ExportsTest {
    private static final String PATH = "/api/v1/environments/production/flagd";
    private static final String VARIANTS = "'variants':{'on':true,'off':false},'safeVariant':'off','on':true";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    private void flag(String key, String more) {
        Answer made = api.post(
                "/api/v1/flags",
                "{'flag':{'key':'" + key
                        + "','type':'boolean','owner':'shop','description':'what it does','tags':['eu']},"
                        + "'configuration':{" + VARIANTS + more + "},'environments':['production'],'reason':'r'}");
        assertThat(made.status()).as(made.body()).isEqualTo(201);
    }

    @Test
    void flagsComeWithWhatAnImportNeeds() {
        flag("f", ",'fallThrough':{'variant':'on'}");
        Answer export = api.get(PATH);
        assertThat(export.status()).as(export.body()).isEqualTo(200);
        assertThat(export.text("environment")).isEqualTo("production");
        assertThat(export.text("kills")).isEqualTo("[]");
        assertThat(export.text("flags")).isEqualTo("[{\"key\":\"f\",\"result\":\"exported\",\"warnings\":[]}]");
        Json document = export.at("document");
        assertThat(document.text())
                .contains(
                        "\"description\":\"what it does\"",
                        "\"defaultVariant\":\"on\"",
                        "\"safeVariant\":\"off\"",
                        "\"owner\":\"shop\"",
                        "\"kind\":\"release\"",
                        "\"tags\":\"eu\"");
        assertThat(api.get("/api/v1/environments/nowhere/flagd").status()).isEqualTo(404);
        assertThat(api.get(PATH + "?format=xml").text("field")).isEqualTo("query.format");
    }

    @Test
    void standingKillsAreInItAndNamed() {
        flag("f", ",'fallThrough':{'variant':'on'}");
        flag(
                "g",
                ",'rules':[{'name':'n','when':{'attribute':'x','in':[1]},'serve':{'variant':'on'}}],"
                        + "'fallThrough':{'variant':'off'}");
        Written killed = new Written()
                .kill("9f86d081-1", "f", Optional.empty())
                .kill("9f86d081-2", "g", Optional.of("{'attribute':'country','in':['DE']}"));
        api.plane.append("kills", killed.events().subList(1, 3));
        Answer export = api.get(PATH);
        assertThat(export.text("kills")).isEqualTo("[\"9f86d081-1\",\"9f86d081-2\"]");
        assertThat(export.text("flags.0.warnings")).contains("kill 9f86d081-1 stops it in the document, too");
        assertThat(export.text("flags.1.warnings"))
                .contains("kill 9f86d081-2 stops it in the document, too, for its audience", "names");
        assertThat(export.text("document.flags.f"))
                .contains("\"defaultVariant\":\"off\"", "\"killId\":\"9f86d081-1\"")
                .doesNotContain("targeting");
        assertThat(export.text("document.flags.g.targeting")).contains("country");
    }

    @Test
    void whatCantBeExpressedIsNamedFlagByFlag() {
        flag("f", ",'fallThrough':{'variant':'on'}");
        flag(
                "g",
                ",'rules':[{'when':{'attribute':'a.b','in':[1]},'serve':{'variant':'on'}}],'fallThrough':{'variant':'off'}");
        flag(
                "h",
                ",'prerequisites':[{'flag':'f','variants':['on']}],'rules':[{'when':{'attribute':'since',"
                    + "'before':'2026-01-01T00:00:00Z'},'serve':{'variant':'on'}}],'fallThrough':{'variant':'off'}");
        Answer export = api.get(PATH);
        assertThat(export.text("flags.1.result")).isEqualTo("left-out");
        assertThat(export.text("flags.1.warnings")).contains("rules[0].when", "a.b");
        assertThat(export.text("flags.2.warnings")).contains("prerequisites are written out", "dates are numbers");
        assertThat(export.text("document.flags")).doesNotContain("\"g\"");
    }

    @Test
    void yamlSaysTheSameToEveryReader() {
        flag(
                "f",
                ",'rules':[{'when':{'attribute':'x','in':['010','no','2026-01-01',' a: b #','\\u0007\\u00e9']},"
                    + "'serve':{'split':[{'variant':'on','weight':1},{'variant':'off','weight':3}]}}],'fallThrough':{'variant':'off'}");
        String yaml = api.get(PATH + "?format=yaml").text("document");
        assertThat(yaml)
                .contains(
                        "\"on\": true", "defaultVariant: \"off\"", "\"010\"", "\"2026-01-01\"", "safeVariant: \"off\"")
                .doesNotContain("&", "*");
        Object read = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        assertThat(read)
                .hasToString(new Load(LoadSettings.builder().build())
                        .loadFromString(api.get(PATH).text("document"))
                        .toString());
    }
}

package dev.andon.server.importing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ImportsTest {
    private static final String PATH = "/api/v1/environments/production/imports";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    private Answer importing(String document) {
        return api.post(PATH, "{'format':'flagd','reason':'r','document':" + document + "}");
    }

    /** One flag with variants a, b (the default) and c, and the given targeting. */
    private Answer targeting(String targeting) {
        return importing("{'flags':{'f':{'state':'ENABLED','variants':{'a':'A','b':'B','c':'C'},'defaultVariant':'b',"
                + "'targeting':" + targeting
                + "}},'$evaluators':{'staff':{'ends_with':[{'var':'email'},'@shop.example']},"
                + "'beta':{'or':[{'$ref':'staff'},{'==':[{'var':'ring'},'beta']}]}}}");
    }

    private String variant(String context) {
        Answer answer =
                api.post("/api/v1/environments/production/evaluations", "{'flag':'f','context':" + context + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.text("variant");
    }

    @Test
    void theOpenTelemetryDemosFlagsAreTakenOver() throws Exception {
        String document;
        try (InputStream in = ImportsTest.class.getResourceAsStream("otel-demo.flagd.json")) {
            document = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("'", "\\u0027");
        }
        Answer done = importing(document);
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(((Json.Array) done.at("flags")).items()).hasSize(15);
        assertThat(done.body()).doesNotContain("\"warnings\":[\"");

        String flags = "/api/v1/environments/production/flags/";
        Answer cart = api.get(flags + "cartFailure");
        assertThat(cart.text("flag.type")).isEqualTo("number");
        assertThat(cart.text("flag.description")).isEqualTo("Fail cart service n% of the time");
        assertThat(cart.text("configuration.on")).isEqualTo("true");
        assertThat(cart.text("configuration.safeVariant")).isEqualTo("off");
        assertThat(cart.text("configuration.fallThrough")).isEqualTo("{\"variant\":\"off\"}");
        assertThat(cart.text("configuration.variants.10%")).isEqualTo("0.1");
        assertThat(api.get(flags + "emailMemoryLeak").text("flag.type")).isEqualTo("integer");
        assertThat(api.get(flags + "adFailure").text("flag.type")).isEqualTo("boolean");
        assertThat(api.get(flags + "loadGeneratorVUs").text("configuration.safeVariant"))
                .as("there is no variant off")
                .isEqualTo("5");
        assertThat(api.get(flags + "loadGeneratorTraffic").text("configuration.fallThrough.variant"))
                .isEqualTo("on");
        assertThat(api.get(flags + "productCatalogFailure").text("configuration.rules"))
                .isEqualTo(
                        "[{\"when\":{\"attribute\":\"product_id\",\"in\":[\"OLJCESPC7Z\"]},\"serve\":{\"variant\":\"off\"}}]");
        assertThat(api.get("/api/v1/environments/staging/flags").text("items")).isEqualTo("[]");

        Answer again = importing(document);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).contains("unchanged").doesNotContain("created").doesNotContain("updated");
    }

    @Test
    void disabledIsOff() {
        importing("{'flags':{'f':{'state':'DISABLED','variants':{'a':1,'off':2.5},'defaultVariant':'a'}}}");
        Answer flag = api.get("/api/v1/environments/production/flags/f");
        assertThat(flag.text("configuration.on")).isEqualTo("false");
        assertThat(flag.text("flag.type")).isEqualTo("number");
    }

    @Test
    void conditionsMeanWhatTheyMeantToFlagd() {
        String[][] cases = {
            {"{'if':[{'==':[{'var':'x'},'1']},'a','c']}", "{'x':'1'}", "a", "{'x':'2'}", "c"},
            {"{'if':[{'==':[{'var':'x'},'1']},'a']}", "{'x':'1'}", "a", "{}", "b"},
            {"{'if':[{'!=':['1',{'var':'x'}]},'a','c']}", "{'x':'1'}", "c", "{}", "a"},
            {"{'if':[{'==':[{'var':'x'},null]},'a','c']}", "{}", "a", "{'x':'2'}", "c"},
            {"{'if':[{'in':[{'var':'x'},['1','2']]},'a','c']}", "{'x':'2'}", "a", "{'x':'3'}", "c"},
            {"{'if':[{'in':['ell',{'var':'x'}]},'a','c']}", "{'x':'hello'}", "a", "{'x':['ell2']}", "c"},
            {"{'if':[{'in':['ell',{'var':'x'}]},'a','c']}", "{'x':['ell']}", "a", "{}", "c"},
            {"{'if':[{'starts_with':[{'var':'x'},'he']},'a','c']}", "{'x':'hello'}", "a", "{'x':'oh'}", "c"},
            {"{'if':[{'sem_ver':[{'var':'x'},'>=','2.1.0']},'a','c']}", "{'x':'2.10.0'}", "a", "{'x':'2.0.9'}", "c"},
            {"{'if':[{'<':[{'var':'x'},5]},'a','c']}", "{'x':4}", "a", "{'x':5}", "c"},
            {"{'if':[{'<=':[5,{'var':'x'}]},'a','c']}", "{'x':5}", "a", "{'x':4.5}", "c"},
            {"{'if':[{'<':[1,{'var':'x'},5]},'a','c']}", "{'x':2}", "a", "{'x':1}", "c"},
            {"{'if':[{'and':[{'var':'x'},{'!':{'var':'y'}}]},'a','c']}", "{'x':1}", "a", "{'x':1,'y':true}", "c"},
            {"{'if':[{'!!':[{'var':'x'}]},'a','c']}", "{'x':'no'}", "a", "{'x':''}", "c"},
            {"{'if':[{'or':[{'==':[{'var':'x'},1]},{'==':[{'var':'y'},1]}]},'a','c']}", "{'y':1}", "a", "{'y':2}", "c"},
            {"{'if':[{'if':[{'var':'x'},{'var':'y'},true]},'a','c']}", "{}", "a", "{'x':1}", "c"},
            {"{'if':[{'$ref':'staff'},'a','c']}", "{'email':'me@shop.example'}", "a", "{'email':'me@x'}", "c"},
            {"{'if':[{'$ref':'beta'},'a','c']}", "{'ring':'beta'}", "a", "{'ring':'prod'}", "c"},
            {
                "{'if':[{'var':'x'},{'if':[{'var':'y'},'a','c']},{'var':'y'},'b','c']}",
                "{'x':1,'y':1}",
                "a",
                "{'x':1}",
                "c"
            },
            {"{'if':[{'var':'x'},{'if':[{'var':'y'},'a','c']},{'var':'y'},'b','c']}", "{'y':1}", "b", "{}", "c"},
            {"{}", "{}", "b", "{'x':1}", "b"},
            {"'c'", "{}", "c", "{'x':1}", "c"},
        };
        for (String[] one : cases) {
            Answer done = targeting(one[0]);
            assertThat(done.status()).as(one[0] + done.body()).isIn(200, 201);
            assertThat(variant(one[1])).as(one[0] + one[1]).isEqualTo(one[2]);
            assertThat(variant(one[3])).as(one[0] + one[3]).isEqualTo(one[4]);
        }
    }

    @Test
    void fractionalSplitsAsFlagdDoes() {
        assertThat(targeting("{'fractional':[['a',50],['c',50]]}").status()).isEqualTo(201);
        assertThat(variant("{'targetingKey':'u1'}")).isIn("a", "c");
        assertThat(variant("{}")).as("nothing to hash").isEqualTo("b");
        Answer flag = api.get("/api/v1/environments/production/flags/f");
        assertThat(flag.text("configuration.rules.0.serve.split.0.weight")).isEqualTo("50");
        targeting(
                "{'if':[{'var':'x'},{'fractional':[{'cat':[{'var':'$flagd.flagKey'},{'var':'email'}]},['a'],['c']]},'b']}");
        flag = api.get("/api/v1/environments/production/flags/f");
        assertThat(flag.text("configuration.rules.0.serve.attribute")).isEqualTo("email");
        assertThat(flag.text("configuration.rules.0.serve")).doesNotContain("seed");
        targeting("{'fractional':[{'cat':['s1',{'var':'email'}]},['a',1],['c',3]]}");
        flag = api.get("/api/v1/environments/production/flags/f");
        assertThat(flag.text("configuration.rules.0.serve.seed")).isEqualTo("s1");
        targeting("{'fractional':[{'var':'email'},['a',1],['c',3]]}");
        flag = api.get("/api/v1/environments/production/flags/f");
        assertThat(flag.text("configuration.rules.0.serve.seed")).isEmpty();
    }

    @Test
    void evaluatorsBecomeSegments() {
        Answer done = targeting("{'if':[{'$ref':'beta'},'a','c']}");
        assertThat(done.text("segments"))
                .isEqualTo("[{\"key\":\"beta\",\"result\":\"created\"},{\"key\":\"staff\",\"result\":\"created\"}]");
        assertThat(api.get("/api/v1/environments/production/segments").text("items.1.key"))
                .isEqualTo("staff");
    }

    @Test
    void whatCantBeExpressedIsRefusedByName() {
        String[][] cases = {
            {"{'cat':['a','b']}", "operator cat"},
            {"{'if':[{'==':[{'cat':[{'var':'x'},'y']},'1']},'a']}", "operator cat"},
            {"{'if':[{'>':[{'%':[{'var':'x'},2]},0]},'a']}", "operator %"},
            {"{'if':[{'==':[{'var':'a.b'},1]},'a']}", "not a path"},
            {"{'if':[{'==':[{'var':['x',1]},1]},'a']}", "without a default"},
            {"{'if':[{'>':[{'var':'$flagd.timestamp'},1]},'a']}", "an attribute of the context"},
            {"{'if':[{'var':'x'},'nope']}", "one of the variants"},
            {"{'$ref':'nobody'}", "one of $evaluators"},
            {"{'fractional':[['a',-1]]}", "weight"},
            {"{'fractional':[[{'var':'x'},1]]}", "weight"},
            {"{'fractional':[]}", "shares"},
            {"{'if':[{'sem_ver':[{'var':'x'},'=','one']},'a']}", "SemVer"},
            {"{'if':[{'sem_ver':[{'var':'x'},'@','1.0.0']},'a']}", "version"},
            {"{'if':[{'<':[{'var':'x'},'2026-01-01']},'a']}", "a number"},
            {"{'a':1,'b':2}", "one member"},
            {"[1]", "one member"},
            {"17", "one member"},
        };
        for (String[] one : cases) {
            Answer refused = targeting(one[0]);
            assertThat(refused.status()).as(one[0] + refused.body()).isEqualTo(400);
            assertThat(refused.body()).as(one[0]).contains(one[1], "not-expressible", "document.flags.f.targeting");
        }
        assertThat(api.plane.image().provenance().version())
                .as("nothing was changed")
                .isEqualTo(1);
    }

    @Test
    void oneBadFlagRefusesAllAndCanBeLeftOut() {
        String document = "{'flags':{'good':{'state':'ENABLED','variants':{'on':true},'defaultVariant':'on'},"
                + "'bad':{'state':'ENABLED','variants':{'on':true,'x':'y'},'defaultVariant':'on'},"
                + "'worse':{'state':'PAUSED','variants':{'on':true},'defaultVariant':'on'},"
                + "'worst':{'state':'ENABLED','variants':{'on':true},'defaultVariant':null}}}";
        Answer refused = importing(document);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("detail"))
                .contains(
                        "document.flags.bad.variants.x",
                        "document.flags.worse.state",
                        "document.flags.worst.defaultVariant");
        assertThat(api.get("/api/v1/flags").text("items")).isEqualTo("[]");
        Answer done = api.post(
                PATH, "{'format':'flagd','without':['bad','worse','worst'],'reason':'r','document':" + document + "}");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(api.post(PATH, "{'format':'flagd','without':['none'],'reason':'r','document':" + document + "}")
                        .text("field"))
                .isEqualTo("without");
        assertThat(api.post(PATH, "{'format':'unleash','reason':'r','document':{}}")
                        .text("field"))
                .isEqualTo("format");
        assertThat(importing("[]").status()).isEqualTo(400);
        assertThat(importing("{}").text("field")).isEqualTo("document.flags");
    }

    @Test
    void whatTheDocumentDoesntKnowStays() {
        importing("{'flags':{'p':{'state':'ENABLED','variants':{'on':true,'off':false},'defaultVariant':'on'},"
                + "'f':{'state':'ENABLED','variants':{'a':1,'off':2},'defaultVariant':'a'}}}");
        String here = "/api/v1/environments/production/flags/f";
        Answer set = api.put(
                here,
                "{'configuration':{'variants':{'a':1,'off':2},'safeVariant':'a','on':true,'fallThrough':{'variant':'a'},"
                    + "'prerequisites':[{'flag':'p','variants':['on']}],'whenBlind':{'safeAfterSeconds':9}},'reason':'r'}",
                "If-Match",
                "*");
        assertThat(set.status()).as(set.body()).isEqualTo(200);
        Answer done = importing("{'flags':{'f':{'state':'ENABLED','variants':{'a':1,'off':3},'defaultVariant':'off',"
                + "'metadata':{'team':'x'}}},'metadata':{'version':'1'}}");
        assertThat(done.text("flags.0.result")).isEqualTo("updated");
        assertThat(done.text("flags.0.warnings")).contains("prerequisites stay", "metadata isn't kept");
        assertThat(done.text("warnings")).contains("metadata isn't kept");
        Answer flag = api.get(here);
        assertThat(flag.text("configuration.safeVariant")).isEqualTo("a");
        assertThat(flag.text("configuration.prerequisites.0.flag")).isEqualTo("p");
        assertThat(flag.text("configuration.whenBlind.safeAfterSeconds")).isEqualTo("9");
    }
}

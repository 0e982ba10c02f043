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
                + "'beta':{'or':[{'$ref':'staff'},{'==':[{'var':'ring'},'beta']}]},'list':['l1','l2']}}");
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
        assertThat(cart.text("flag.description")).isEqualTo("Which part of carts fails");
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
                        "[{\"when\":{\"attribute\":\"product_id\",\"in\":[\"TELESCOPE1\"]},\"serve\":{\"variant\":\"off\"}}]");
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
            {"{'if':[{'var':['x',true]},'a','c']}", "{}", "a", "{'x':false}", "c"},
            {"{'if':[{'==':[{'var':['x','1']},'1']},'a','c']}", "{}", "a", "{'x':'2'}", "c"},
            {"{'if':[{'!=':[{'var':['x','1']},'1']},'a','c']}", "{'x':'2'}", "a", "{}", "c"},
            {"{'if':[{'<':[{'var':['x',3]},5]},'a','c']}", "{}", "a", "{'x':6}", "c"},
            {"{'if':[{'in':[{'var':['x','2']},['1','2']]},'a','c']}", "{}", "a", "{'x':'3'}", "c"},
            {"{'if':[{'==':[{'var':'$flagd.flagKey'},'f']},'a','c']}", "{}", "a", "{'x':'3'}", "a"},
            {"{'if':[{'!':[1]},'a',{'if':['','a','c']}]}", "{}", "c", "{'x':'3'}", "c"},
            {"{'if':[{'!':[{'missing':['x','y']}]},'a','c']}", "{'x':1,'y':''}", "a", "{'x':1}", "c"},
            {
                "{'if':[{'some':[{'var':'x'},{'==':[{'var':''},'q']}]},'a','c']}",
                "{'x':['p','q']}",
                "a",
                "{'x':['p']}",
                "c"
            },
            {
                "{'if':[{'none':[{'var':'x'},{'in':[{'var':''},['q','r']]}]},'a','c']}",
                "{'x':['p']}",
                "a",
                "{'x':['r']}",
                "c"
            },
            {"{'if':[{'in':[{'var':'x'},{'$ref':'list'}]},'a','c']}", "{'x':'l1'}", "a", "{'x':'l'}", "c"},
            {"{'if':[{'===':[{'var':'x'},null]},'a','c']}", "{}", "a", "{'x':false}", "c"},
            {"{'fractional':[[null,1]]}", "{'targetingKey':'u'}", "b", "{}", "b"},
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
            {"{'if':[{'==':[{'var':['x',{'var':'y'}]},1]},'a']}", "without a default"},
            {"{'if':[{'sem_ver':[{'var':['x','1.0.0']},'>','1.0.0']},'a']}", "without a default"},
            {"{'if':[{'>':[1,{'var':'x'},5]},'a','c']}", "2 arguments"},
            {"{'if':[{'<':[{'+':[{'var':'x'},1]},5]},'a','c']}", "operator +"},
            {"{'if':[{'all':[{'var':'x'},true]},'a']}", "operator all"},
            {"{'if':[{'some':[{'var':'x'},{'>':[{'var':''},3]}]},'a']}", "which elements"},
            {"{'==':[{'var':'x'},1]}", "one of the variants"},
            {"{'var':'x'}", "operator var"},
            {"{'fractional':[[{'if':[{'var':'x'},'a','c']},1]]}", "neither of them computed"},
            {"{'fractional':[{'cat':[{'var':'email'},'s']},['a',1]]}", "a seed that doesn't change"},
            {"{'if':[{'>':[{'var':'$flagd.timestamp'},1]},'a']}", "by the clock"},
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
        assertThat(done.text("flags.0.warnings")).contains("prerequisites stay", "metadata.team isn't kept");
        assertThat(done.text("warnings")).contains("metadata.version isn't kept");
        Answer flag = api.get(here);
        assertThat(flag.text("configuration.safeVariant")).isEqualTo("a");
        assertThat(flag.text("configuration.prerequisites.0.flag")).isEqualTo("p");
        assertThat(flag.text("configuration.whenBlind.safeAfterSeconds")).isEqualTo("9");
    }

    @Test
    void yesAndNoAreTheVariantsTrueAndFalse() {
        String flag =
                "{'flags':{'f':{'state':'ENABLED','variants':{'true':true,'false':false},'defaultVariant':'false',"
                        + "'targeting':{'and':[{'==':[{'var':'x'},'1']},{'!':{'var':'y'}}]}}}}";
        assertThat(importing(flag).status()).isEqualTo(201);
        assertThat(variant("{'x':'1'}")).isEqualTo("true");
        assertThat(variant("{'x':'1','y':1}")).isEqualTo("false");
        assertThat(variant("{}")).isEqualTo("false");
    }

    @Test
    void flagsMayStandInAList() {
        Answer done = importing("{'flags':[{'key':'f','state':'ENABLED','variants':{'on':true},'defaultVariant':'on'},"
                + "{'key':'g','state':'DISABLED','variants':{'on':true,'off':false},'defaultVariant':'on'}]}");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(done.text("flags.0.warnings")).isEqualTo("[]");
        assertThat(done.text("flags.1.warnings")).contains("disabled flag");
        assertThat(importing("{'flags':[{'state':'ENABLED'}]}").text("field")).isEqualTo("document.flags[0]");
        assertThat(importing("{'flags':[{'key':'f'},{'key':'f'}]}").text("field"))
                .isEqualTo("document.flags[1].key");
        assertThat(importing("{'flags':7}").text("field")).isEqualTo("document.flags");
    }

    @Test
    void whatIsAnsweredDifferentlyIsNoted() {
        String[][] cases = {
            {"{'if':[{'==':[{'var':'x'},1]},'a']}", "compared by type"},
            {"{'if':[{'<':[{'var':'x'},1]},'a']}", "flagd's engines differ"},
            {"{'if':[{'==':[{'var':'x'},null]},'a']}", "only where it is missing"},
            {"{'if':[{'sem_ver':[{'var':'x'},'>','1.0.0']},'a']}", "a whole version"},
            {"{'fractional':[{'cat':['s',{'var':'x'}]},['a',1],['c',1]]}", "whoever lacks x gets the default"},
            {"{'if':[{'some':[{'var':'x'},{'==':[{'var':''},'q']}]},'a']}", "one value and no list"},
        };
        for (String[] one : cases) {
            assertThat(targeting(one[0]).text("flags.0.warnings")).as(one[0]).contains(one[1]);
        }
        assertThat(targeting("{'if':[{'in':[{'var':'x'},['p','q']]},'a']}").text("flags.0.warnings"))
                .isEqualTo("[]");
    }

    @Test
    void circlesOfEvaluatorsAreRefused() {
        String[] targetings = {
            "{'if':[{'$ref':'one'},'a']}", "{'$ref':'one'}", "{'if':[{'==':[{'$ref':'three'},1]},'a']}"
        };
        for (String targeting : targetings) {
            Answer refused = importing(
                    "{'flags':{'f':{'state':'ENABLED','variants':{'a':1},'defaultVariant':'a','targeting':" + targeting
                            + "}},'$evaluators':{'one':{'!':[{'$ref':'two'}]},'two':{'!':[{'$ref':'one'}]},"
                            + "'three':{'$ref':'three'}}}");
            assertThat(refused.status()).as(targeting + refused.body()).isEqualTo(400);
        }
    }

    @Test
    void metadataOfOursSayWhatFlagdDoesNotKnow() {
        String flag =
                "'state':'ENABLED','variants':{'on':true,'off':false,'calm':false},'defaultVariant':'on','metadata':{'safeVariant':'calm','owner':'shop','kind':'ops','tags':'eu,"
                    + " checkout','version':'7','killId':'n-1'";
        Answer done = importing(
                "{'flags':{'f':{" + flag + "}},'g':{" + flag + ",'x':1}}},'metadata':{'flagSetId':'production'}}");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(done.text("flags.0.safeVariant")).isEqualTo("calm");
        assertThat(done.text("flags.0.warnings")).contains("kill n-1").doesNotContain("no place");
        assertThat(done.text("flags.1.warnings")).contains("metadata.x isn't kept");
        assertThat(done.text("warnings")).isEqualTo("[]");
        Answer read = api.get("/api/v1/environments/production/flags/f");
        assertThat(read.text("flag.owner")).isEqualTo("shop");
        assertThat(read.text("flag.kind")).isEqualTo("ops");
        assertThat(read.text("flag.tags")).isEqualTo("[\"checkout\",\"eu\"]");
    }

    @Test
    void whoElseUsesAChangedSegmentIsSaid() {
        targeting("{'if':[{'$ref':'staff'},'a','c']}");
        Answer done =
                importing("{'flags':{'g':{'state':'ENABLED','variants':{'a':1,'b':2},'defaultVariant':'a','targeting':"
                        + "{'if':[{'$ref':'staff'},'b']}}},'$evaluators':{'staff':{'==':[{'var':'staff'},'yes']}}}");
        assertThat(done.text("segments.0.result")).isEqualTo("updated");
        assertThat(done.text("warnings")).contains("segment staff was here and changes", "flag f");
    }

    @Test
    void yamlIsTakenAsText() {
        String yaml = "$evaluators:\\n"
                + "  staff: {ends_with: [{var: email}, '@shop.example']}\\n"
                + "flags:\\n"
                + "  f:\\n"
                + "    state: ENABLED\\n"
                + "    variants: {on: on, off: off, 5: five}\\n"
                + "    defaultVariant: off\\n"
                + "    targeting:\\n"
                + "      if: [{$ref: staff}, on, 5]\\n";
        String[] refused = {"if: [", "{flags: {}}\\n---\\n{}", "flags: {f: {state: ENABLED, state: DISABLED}}"};
        Answer done = importing("'" + yaml.replace("'", "\\u0027").replace("5]", "'5']".replace("'", "\\u0027")) + "'");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(variant("{'email':'me@shop.example'}")).isEqualTo("on");
        assertThat(variant("{}")).isEqualTo("5");
        for (String text : refused) {
            Answer no = importing("'" + text + "'");
            assertThat(no.status()).as(no.body()).isEqualTo(400);
            assertThat(no.text("field")).isEqualTo("document");
        }
        assertThat(importing("''").status()).isEqualTo(400);
    }

    @Test
    void howManyMoreAreRefusedIsSaid() {
        StringBuilder flags = new StringBuilder();
        for (int i = 0; i < 23; i++) {
            flags.append(i == 0 ? "" : ",")
                    .append("'f")
                    .append(i)
                    .append("':{'state':'GONE','variants':{'a':1},'defaultVariant':'a'}");
        }
        assertThat(importing("{'flags':{" + flags + "}}").text("detail")).endsWith("; and 3 flags more");
    }
}

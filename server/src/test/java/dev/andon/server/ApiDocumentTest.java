package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.andon.server.ApiFixture.Answer;
import dev.andon.server.http.Access;
import dev.andon.server.http.Route;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The API document says what the server does: {@link ApiFixture} holds every call of every test against it. */
final class ApiDocumentTest {
    private static final String PRODUCTION = "/api/v1/environments/production";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void itIsOpenApi() {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        Schema dialect = registry.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        Answer document = api.get("/api/v1/openapi.json");
        assertThat(document.text("openapi")).isEqualTo("3.1.0");
        assertThat(dialect.validate(document.text("components.schemas"), InputFormat.JSON))
                .isEmpty();
    }

    @Test
    void itHoldsEveryRouteAndNoOther() {
        Set<String> routes = new TreeSet<>();
        api.dispatcher.routes().forEach(route -> routes.add(route.method() + " " + route.path()));
        assertThat(api.contract().operations()).isEqualTo(routes);
    }

    @Test
    void everyOperationDoesWhatItSays() {
        api.post("/api/v1/environments", "{'key':'canary','description':'d','reason':'r'}");
        api.get("/api/v1/environments");
        api.post("/api/v1/flags", "{'flag':{'key':'f','type':'boolean','owner':'o'},'reason':'r'}");
        api.post(
                "/api/v1/flags",
                "{'flag':{'key':'g','kind':'ops','type':'object','owner':'o','description':'d','tags':['t'],"
                        + "'lifetimeDays':30},'configuration':{'variants':{'a':{'x':1},'b':[2]},'safeVariant':'a',"
                        + "'fallThrough':{'split':[{'variant':'a','weight':1},{'variant':'b','weight':2}],"
                        + "'attribute':'x','seed':'s'}},'environments':['production'],'reason':'r'}");
        api.get("/api/v1/flags");
        api.get("/api/v1/flags/g");
        api.put("/api/v1/flags/f", "{'flag':{'key':'f','type':'boolean','owner':'p'},'reason':'r'}", "If-Match", "*");
        api.put(
                PRODUCTION + "/segments/s",
                "{'segment':{'key':'s','description':'d','when':{'all':[{'any':[{'not':{'attribute':'a','in':[1,'2',true]}},"
                    + "{'attribute':'a','startsWith':['x']},{'attribute':'a','endsWith':['x']},"
                    + "{'attribute':'a','contains':['x']},{'attribute':'a','lessThan':1},{'attribute':'a','atMost':1},"
                    + "{'attribute':'a','greaterThan':1.5},{'attribute':'a','atLeast':1},"
                    + "{'attribute':'a','semver':'>=1.0.0'},{'attribute':'a','before':'2026-01-01T00:00:00Z'},"
                    + "{'attribute':'a','after':'2026-01-01T00:00:00Z'},{'attribute':'a','exists':true}]}]}},'reason':'r'}");
        api.get(PRODUCTION + "/segments");
        api.get(PRODUCTION + "/segments/s");
        Answer configured = api.put(
                PRODUCTION + "/flags/f",
                "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':true,"
                        + "'prerequisites':[{'flag':'g','variants':['b']}],"
                        + "'rules':[{'name':'n','when':{'segment':'s'},'serve':{'variant':'on'}}],"
                        + "'fallThrough':{'variant':'off'},'whenBlind':{'safeAfterSeconds':9}},'reason':'r'}",
                "If-Match",
                "*");
        assertThat(configured.status()).as(configured.body()).isEqualTo(200);
        api.get(PRODUCTION + "/flags");
        api.get(PRODUCTION + "/flags/f");
        api.post(
                PRODUCTION + "/evaluations",
                "{'flag':'f','context':{'targetingKey':'u','a':['x',1,{'y':null}],'b':1.5,'c':null},'explain':true}");
        api.post(PRODUCTION + "/evaluations", "{'flag':'g'}");
        api.post(PRODUCTION + "/rollbacks", "{'flags':['f'],'to':3,'withDependencies':true,'reason':'r'}");
        api.post(
                PRODUCTION + "/rollbacks?dryRun=true",
                "{'flags':['f'],'to':" + configured.version() + ",'reason':'r'}");
        api.post(
                PRODUCTION + "/imports",
                "{'format':'flagd','owner':'o','kind':'ops','without':['j'],'reason':'r','document':{'flags':{"
                    + "'i':{'state':'ENABLED','variants':{'on':true},'defaultVariant':'on','targeting':{'if':[{'$ref':'e'},'on']}},"
                    + "'j':{}},'$evaluators':{'e':{'==':[{'var':'x'},1]}}}}");
        api.delete(PRODUCTION + "/segments/e?reason=r&dryRun=true");
        Answer deleted = api.delete(PRODUCTION + "/segments/s?reason=r");
        assertThat(deleted.status()).as(deleted.body()).isEqualTo(200);
        api.delete("/api/v1/flags/i?reason=r");
        api.get("/api/v1/log");
        api.get("/api/v1/log?environment=production&flag=f&limit=2");
        api.get("/api/v1/log/1");
        Answer issued = api.post(
                "/api/v1/tokens",
                "{'name':'n','role':'sdk','environment':'production','reason':'r'}",
                "Idempotency-Key",
                "k");
        api.post(
                "/api/v1/tokens",
                "{'name':'n','role':'sdk','environment':'production','reason':'r'}",
                "Idempotency-Key",
                "k");
        String token = "/api/v1/tokens/" + issued.text("token.id");
        api.post(token + "/rotations", "{'overlapSeconds':60,'reason':'r'}");
        api.delete(token + "?reason=r");
        api.get("/api/v1/tokens");
        api.get("/health/live");
        api.get("/health/ready");
        api.get("/metrics");
        api.get("/api/v1/openapi.json");

        assertThat(api.contract().succeeded())
                .as("operations that answered with success")
                .containsExactlyInAnyOrderElementsOf(api.contract().operations());
    }

    @Test
    void everyOperationRefusesWhoMayNotUseIt() {
        Answer revoked = api.post("/api/v1/tokens", "{'name':'gone','role':'admin','reason':'r'}");
        api.delete("/api/v1/tokens/" + revoked.text("token.id") + "?reason=r");
        long version = api.plane.image().provenance().version();
        for (Route route : api.dispatcher.routes()) {
            if (route.access() == Access.OPEN) {
                continue;
            }
            assertThat(status(route, "X-Nothing", ""))
                    .as(route + " without a token")
                    .isEqualTo(401);
            for (String wrong : List.of(
                    "Bearer wrong",
                    "Bearer " + ApiFixture.ADMIN + "x",
                    "Bearer",
                    "Basic YWRtaW46YWRtaW4=",
                    ApiFixture.ADMIN,
                    "Bearer " + "x".repeat(5_000),
                    "Bearer " + revoked.text("secret"))) {
                assertThat(status(route, "Authorization", wrong))
                        .as(route + " with " + wrong)
                        .isEqualTo(401);
            }
            weaker(route.access())
                    .forEach(secret -> assertThat(status(route, "Authorization", "Bearer " + secret))
                            .as(route + " with " + secret)
                            .isEqualTo(403));
        }
        assertThat(api.plane.image().provenance().version()).isEqualTo(version);
    }

    private int status(Route route, String header, String value) {
        String path = route.path().replace("{environment}", "production").replaceAll("\\{[a-z]+}", "1");
        String body = route.method().name().startsWith("P") ? "{}" : null;
        return api.callWithout(route.method().name(), path, body, header, value).status();
    }

    private static List<String> weaker(Access access) {
        return switch (access) {
            case OPEN -> List.of();
            case VIEWER -> List.of(ApiFixture.SDK);
            case OPERATOR -> List.of(ApiFixture.SDK, ApiFixture.VIEWER);
            case ADMIN -> List.of(ApiFixture.SDK, ApiFixture.VIEWER, ApiFixture.OPERATOR);
            case SDK -> List.of(ApiFixture.VIEWER, ApiFixture.OPERATOR, ApiFixture.ADMIN);
        };
    }
}

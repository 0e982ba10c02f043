package dev.andon.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Logs;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * flagd documents that were imported and exported again answer as they did, asked by flagd's own engine: in every context where
 * the import warned of nothing and the engine doesn't fail on the document as it was, and else where each attribute is of the
 * type that the document asks for.
 */
class DocumentsTest {
    private static final Path RESOURCES = Path.of("src/test/resources/dev/andon/proof/clients");
    private static final Path DEMO =
            Path.of("../server/src/test/resources/dev/andon/server/importing/otel-demo.flagd.json");
    private static final int CONTEXTS = 400;

    private static final List<Json> ANYTHING = List.of(
            Json.of("DE"),
            Json.of("AT"),
            Json.of("gold"),
            Json.of(""),
            Json.of("2.3.0"),
            Json.of("18"),
            Json.of(18),
            Json.of(0),
            Json.of(70.5),
            Json.of(true),
            Json.of(false));

    /** By attribute, what it is when it is there as it should be. */
    private static final Map<String, List<Json>> USUAL = Map.of(
            "targetingKey", texts("ann", "bob", "eve", "joe"),
            "country", texts("DE", "AT", "CH", "FR"),
            "tier", texts("gold", "silver", "basic"),
            "email", texts("ann@corp.example", "bob@corp.example", "ann@shop.example", "joe@elsewhere"),
            "product_id", texts("TELESCOPE1", "LENS2"),
            "app", texts("2.3.0", "2.3.9", "2.2.9", "3.0.0", "2.3.0-rc.1", "1.0.0"),
            "beta", List.of(Json.of(true), Json.of(false)),
            "age", List.of(Json.of(17), Json.of(18), Json.of(30), Json.of(65.5), Json.of(90)),
            "roles", List.of(Json.texts(List.of("admin", "dev")), Json.texts(List.of("dev")), Json.texts(List.of())));

    @TempDir
    private Path folder;

    private static List<Json> texts(String... texts) {
        return List.of(texts).stream().map(Json::of).toList();
    }

    @Test
    void aShopsDemoAnswersAsBefore() throws Exception {
        answersAsBefore(DEMO, Set.of());
    }

    @Test
    void everyOperatorAnswersAsBefore() throws Exception {
        Set<String> warned =
                new TreeSet<>(List.of("below", "between", "above", "some", "none", "loose", "null-is", "logic"));
        warned.addAll(List.of("split-key", "split-seed"));
        for (int i = 0; i < 8; i++) {
            warned.add("version-" + i);
        }
        answersAsBefore(RESOURCES.resolve("every-operator.flagd.json"), warned);
    }

    private void answersAsBefore(Path document, Set<String> warned) throws Exception {
        Json original = Json.parse(Files.readAllBytes(document));
        Path packages = ProcessClient.flagdFolder();
        ServerConfig config = ServerConfig.in(folder.resolve("data")).withAddress("127.0.0.1", 0);
        try (AndonServer server = AndonServer.start(config);
                Api admin = new Api(
                        server.port(), Files.readString(server.adminTokenFile()).strip())) {
            Answer done = admin.post(
                    "/api/v1/environments/production/imports",
                    Json.object().put("format", "flagd").put("reason", "moving").put("document", original));
            done.expect(201);
            Set<String> warnedOf = new TreeSet<>();
            for (Json item : Fields.lenient(done.body()).items("flags")) {
                Fields flag = Fields.lenient(item);
                if (!flag.texts("warnings").isEmpty()) {
                    warnedOf.add(flag.text("key"));
                }
            }
            Json exported = admin.get("/api/v1/environments/production/flagd").body();
            Map<String, String> types = new LinkedHashMap<>();
            for (Json item : Fields.lenient(exported).items("flags")) {
                Fields flag = Fields.lenient(item);
                assertThat(flag.text("result")).as(item.text()).isEqualTo("exported");
                Json known = admin.get("/api/v1/flags/" + flag.text("key")).body();
                types.put(flag.text("key"), Fields.lenient(known).object("flag").text("type"));
            }
            List<Json> documents = List.of(original, Fields.lenient(exported).json("document"));
            assertThat(compare(packages, documents, types, contexts(true)))
                    .as("where attributes are as they should be")
                    .isEmpty();
            assertThat(compare(packages, documents, types, contexts(false)).stream()
                            .filter(difference -> !warnedOf.contains(part(difference, 0)))
                            .filter(difference -> !part(difference, 2).equals("no variant"))
                            .map(Json::text))
                    .as("where no warning was given")
                    .isEmpty();
            assertThat(warned).as("flags that are warned of").isEqualTo(warnedOf);
        }
    }

    /** A part of what differs: the flag, or what came first in the document's own answer; the engine fails on some values. */
    private static String part(Json difference, int index) {
        Json part = ((Json.Array) difference).items().get(index);
        return part instanceof Json.Array answer
                ? part(answer, 0)
                : part instanceof Json.Text text ? text.value() : part.text();
    }

    /** @param usual else attributes are missing or of any type */
    private static List<Json> contexts(boolean usual) {
        Random random = new Random(7);
        List<Json> contexts = new ArrayList<>();
        for (int i = 0; i < CONTEXTS; i++) {
            Json.Builder context = Json.object();
            for (String attribute : new TreeSet<>(USUAL.keySet())) {
                List<Json> values = USUAL.get(attribute);
                boolean asItShould = usual || attribute.equals("targetingKey") || random.nextInt(3) == 0;
                if (usual || random.nextInt(3) != 0) {
                    List<Json> from = asItShould && !(attribute.equals("roles") && !usual) ? values : ANYTHING;
                    context.put(attribute, from.get(random.nextInt(from.size())));
                }
            }
            contexts.add(context.build());
        }
        return contexts;
    }

    private static List<Json> compare(
            Path packages, List<Json> documents, Map<String, String> types, List<Json> contexts)
            throws IOException, InterruptedException {
        Json.Builder flags = Json.object();
        types.forEach(flags::put);
        Path logs = Files.createDirectories(Logs.directory());
        Path question = Files.createTempFile(logs, "compare", ".json");
        Json asked = Json.object()
                .put("documents", Json.texts(documents.stream().map(Json::text).toList()))
                .put("flags", flags)
                .put("contexts", Json.array(contexts))
                .build();
        Files.write(question, asked.utf8());
        Path errors = Files.createTempFile(logs, "compare", ".log");
        Process process = new ProcessBuilder(
                        "node",
                        RESOURCES.resolve("compare.cjs").toAbsolutePath().toString(),
                        packages.toString())
                .redirectInput(question.toFile())
                .redirectError(errors.toFile())
                .start();
        byte[] answer = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        Fields fields = Fields.lenient(Json.parse(answer, JsonLimits.SNAPSHOT));
        return fields.items("differences");
    }
}

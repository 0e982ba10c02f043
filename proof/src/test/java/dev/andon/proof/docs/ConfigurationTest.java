package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.core.model.Target;
import dev.andon.server.delivery.StreamLimits;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.w3c.dom.Document;

/** Configuration that a page shows can be read by those who it is for. */
class ConfigurationTest {
    @TempDir
    Path directory;

    private static Stream<Page.Block> blocks(String language) {
        return Page.all().stream().flatMap(page -> page.blocks(language).stream());
    }

    @Test
    void jsonIsJson() {
        assertThat(blocks("json"))
                .isNotEmpty()
                .allSatisfy(block -> assertThat(Json.parse(block.text().getBytes(StandardCharsets.UTF_8)))
                        .isNotNull());
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> documents(Page.Block block) {
        List<Map<String, Object>> documents = new ArrayList<>();
        new Load(LoadSettings.builder().build())
                .loadAllFromString(block.text())
                .forEach(document -> documents.add((Map<String, Object>) document));
        return documents;
    }

    private static boolean isForKubernetes(Page.Block block) {
        return documents(block).getFirst().containsKey("apiVersion");
    }

    @Test
    @SuppressWarnings("unchecked")
    void aConfigMapHoldsTheKillFileThatThePodNames() {
        assertThat(blocks("yaml").filter(ConfigurationTest::isForKubernetes))
                .isNotEmpty()
                .allSatisfy(block -> {
                    Map<String, Object> map = documents(block).get(0);
                    assertThat(map).containsEntry("kind", "ConfigMap");
                    Map<String, String> data = (Map<String, String>) map.get("data");
                    assertThat(data.get("kills").lines())
                            .isNotEmpty()
                            .allSatisfy(line -> assertThat(Target.parse(line.split(" ", 2)[0]))
                                    .isNotNull());
                    String pod = documents(block).get(1).toString();
                    assertThat(pod)
                            .contains("mountPath=/etc/andon}", "{name=ANDON_KILL_FILE, value=/etc/andon/kills}")
                            .contains("configMap={name=" + ((Map<String, Object>) map.get("metadata")).get("name"));
                });
    }

    @Test
    @SuppressWarnings("unchecked")
    void yamlIsAConfigurationOfPrometheus() {
        assertThat(blocks("yaml").filter(block -> !isForKubernetes(block)))
                .isNotEmpty()
                .allSatisfy(block -> {
                    Map<String, Object> whole = documents(block).getFirst();
                    assertThat(whole).as(block.where()).containsOnlyKeys("scrape_configs");
                    List<Map<String, Object>> jobs = (List<Map<String, Object>>) whole.get("scrape_configs");
                    assertThat(jobs)
                            .allSatisfy(
                                    job -> assertThat(job).containsKeys("job_name", "static_configs", "authorization"));
                });
    }

    @Test
    void xmlNamesTheArtifactsOfThisBuild() throws Exception {
        Document parent = xml(java.nio.file.Files.readString(Page.root().resolve("pom.xml")));
        String version = parent.getElementsByTagName("version").item(0).getTextContent();
        for (Page.Block block : blocks("xml").toList()) {
            Document shown = xml("<all>" + block.text() + "</all>");
            assertThat(shown.getElementsByTagName("groupId").item(0).getTextContent())
                    .isEqualTo("dev.andon");
            assertThat(Page.root()
                            .resolve(shown.getElementsByTagName("artifactId")
                                    .item(0)
                                    .getTextContent()
                                    .replace("andon-", ""))
                            .resolve("pom.xml"))
                    .exists();
            assertThat(shown.getElementsByTagName("version").item(0).getTextContent())
                    .as(block.where())
                    .isEqualTo(version);
        }
        assertThat(blocks("xml")).isNotEmpty();
    }

    private static Document xml(String text) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theUnitOfSystemdStartsAServerThatItGivesEnoughFiles() throws Exception {
        List<Page.Block> units = blocks("ini").toList();
        assertThat(units).hasSize(1);
        Map<String, String> unit = unit(units.getFirst());
        assertThat(Integer.parseInt(unit.get("LimitNOFILE"))).isGreaterThan(StreamLimits.DEFAULT.streams());
        List<String> words = Step.words(unit.get("ExecStart"));
        assertThat(words.getFirst()).endsWith("/andon");
        try (Place place = new Place(directory)) {
            List<String> arguments = words.subList(1, words.size());
            place.server(new Step(units.getFirst().where(), words, 0, List.of()), arguments);
        }
    }

    /** The assignments of a unit file; a line may go on in the next after a backslash. */
    private static Map<String, String> unit(Page.Block block) {
        Map<String, String> assignments = new LinkedHashMap<>();
        String joined = block.text().replaceAll(" *\\\\\n *", " ");
        joined.lines().filter(line -> !line.isEmpty()).forEach(line -> {
            if (!line.matches("\\[(Unit|Service|Install)]")) {
                assertThat(line).as(block.where()).matches("[A-Z][A-Za-z]+=.+");
                String[] parts = line.split("=", 2);
                assignments.put(parts[0], parts[1]);
            }
        });
        return assignments;
    }
}

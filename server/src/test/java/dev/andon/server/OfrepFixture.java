package dev.andon.server;

import dev.andon.core.json.Json;
import dev.andon.server.ofrep.OfrepLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A server with a flag of every type, and a client by OFREP that holds every answer against the API's document and against the
 * protocol's.
 */
final class OfrepFixture implements AutoCloseable {
    static final String FLAGS = "/ofrep/v1/evaluate/flags";
    static final String ANN = "{'context':{'targetingKey':'ann'}}";

    private static final String PRODUCTION = "/api/v1/environments/production";

    final ServerFixture server;
    private final HttpClient http = HttpClient.newHttpClient();
    final ApiClient api;
    final String key;
    final OfrepShapes shapes = new OfrepShapes();

    OfrepFixture(Path folder) throws IOException {
        this(folder, limits -> limits);
    }

    OfrepFixture(Path folder, UnaryOperator<OfrepLimits> limits) throws IOException {
        server = new ServerFixture(folder)
                .with(config -> config.withAddress("127.0.0.1", Ports.free())
                        .withOfrep(limits.apply(OfrepLimits.DEFAULT.withHeartbeatMs(200))))
                .start();
        api = new ApiClient(
                server.uri(), Files.readString(server.server().adminTokenFile()).strip());
        key = issue("page", "client");
        flag("bool", "boolean", "{'on':true,'off':false}", "{'variant':'on'}");
        flag("text", "string", "{'on':'new','off':'old'}", "{'variant':'on'}");
        flag("whole", "integer", "{'on':7,'off':0}", "{'variant':'on'}");
        flag("number", "number", "{'on':1,'off':0.5}", "{'variant':'on'}");
        flag("object", "object", "{'on':{'a':[1,2.0]},'off':{}}", "{'variant':'on'}");
        flag(
                "split",
                "boolean",
                "{'on':true,'off':false}",
                "{'split':[{'variant':'on','weight':1},{'variant':'off','weight':1}]}");
    }

    void flag(String name, String type, String variants, String fallThrough) {
        flag(name, type, variants, fallThrough, "");
    }

    /** @param more members of the configuration, such as {@code ,'rules':[…]} */
    void flag(String name, String type, String variants, String fallThrough, String more) {
        done(api.post(
                "/api/v1/flags",
                "{'flag':{'key':'" + name + "','type':'" + type + "','owner':'shop','tags':['checkout'],'kind':'ops'},"
                        + "'configuration':{'on':true,'variants':" + variants + ",'safeVariant':'off','fallThrough':"
                        + fallThrough + more + "},'environments':['production'],'reason':'r'}"));
    }

    void configure(String name, String configuration) {
        done(api.put(
                PRODUCTION + "/flags/" + name,
                "{'configuration':" + configuration + ",'reason':'r'}",
                "If-Match",
                "*"));
    }

    /** @return the kill's id */
    String kill(String targetAndMore) {
        String body = "{'target':" + targetAndMore + ",'reason':'it misbehaves'";
        String confirm = api.post(PRODUCTION + "/kills?dryRun=true", body + "}").text("result.confirmation.token");
        ApiClient.Answer killed = api.post(PRODUCTION + "/kills", body + ",'confirm':'" + confirm + "'}");
        done(killed);
        return killed.text("id");
    }

    void restore(String kill) {
        done(api.post(PRODUCTION + "/restores", "{'kill':'" + kill + "','reason':'r'}"));
    }

    String issue(String name, String role) {
        return issued(name, role).text("secret");
    }

    ApiClient.Answer issued(String name, String role) {
        return api.post(
                "/api/v1/tokens",
                "{'name':'" + name + "','role':'" + role + "','environment':'production','reason':'r'}");
    }

    private static void done(ApiClient.Answer answer) {
        if (answer.status() >= 300) {
            throw new AssertionError(answer.body());
        }
    }

    ApiClient.Answer one(String flag, String body) {
        return oneOf(key, flag, body);
    }

    ApiClient.Answer oneOf(String secret, String flag, String body) {
        return shapes.single(api.callWithout("POST", FLAGS + "/" + flag, body, "Authorization", "Bearer " + secret));
    }

    ApiClient.Answer all(String body, String... headers) {
        return allOf(key, body, headers);
    }

    ApiClient.Answer allOf(String secret, String body, String... headers) {
        List<String> more = new java.util.ArrayList<>(List.of("Authorization", "Bearer " + secret));
        more.addAll(List.of(headers));
        return shapes.bulk(api.callWithout("POST", FLAGS, body, more.toArray(new String[0])));
    }

    static String etag(ApiClient.Answer answer) {
        return answer.response().headers().firstValue("ETag").orElseThrow();
    }

    /** Whatever isn't JSON in quotes, and headers that the API's clients don't send. */
    HttpResponse<String> raw(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.uri() + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Where events are, as a bulk evaluation says. */
    String stream() {
        return all(ANN).text("eventStreams.0.endpoint.requestUri");
    }

    Events listen(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.uri() + path));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return new Events(send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
    }

    /** An event stream that is read line by line. */
    static final class Events implements AutoCloseable {
        final HttpResponse<InputStream> response;
        private final BufferedReader lines;

        Events(HttpResponse<InputStream> response) {
            this.response = response;
            this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        /** The next that isn't a heartbeat; its lines without the empty one. Empty at the stream's end. */
        List<String> next() throws IOException {
            List<String> event = new java.util.ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty() && !line.startsWith(":")) {
                    event.add(line);
                } else if (line.isEmpty() && event.stream().anyMatch(one -> one.startsWith("data"))) {
                    return event;
                }
            }
            return event;
        }

        /** The state that the next event names. */
        String state() throws IOException {
            String data = next().getLast().substring("data: ".length());
            OfrepShapes.event(data);
            Json json = Json.parse(data.getBytes(StandardCharsets.UTF_8));
            return ((Json.Text) ((Json.Members) json).members().get("etag")).value();
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        api.close();
        http.shutdownNow();
        server.close();
    }
}

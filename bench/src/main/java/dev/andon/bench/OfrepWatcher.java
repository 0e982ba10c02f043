package dev.andon.bench;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Iterator;

/**
 * An application that hears by OFREP's event stream that something has changed, and fetches all flags then, as clients in browsers do. Says
 * each value of one flag with when it had it, as {@link System#nanoTime} counts: {@code OfrepWatcher URL KEY FLAG}.
 */
final class OfrepWatcher {
    private static final String DATA = "data:";

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI server;
    private final String key;
    private final String flag;
    private String etag = "";
    private String events = "";
    private String said = "";

    private OfrepWatcher(URI server, String key, String flag) {
        this.server = server;
        this.key = key;
        this.flag = flag;
    }

    /** Listens until it is ended. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        OfrepWatcher watcher = new OfrepWatcher(URI.create(arguments[0]), arguments[1], arguments[2]);
        watcher.fetch();
        while (true) {
            watcher.listen();
        }
    }

    private void listen() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(server.resolve(events)).GET().build();
        Iterator<String> lines =
                client.send(request, HttpResponse.BodyHandlers.ofLines()).body().iterator();
        // Whatever changed before the stream was open.
        fetch();
        while (lines.hasNext()) {
            if (lines.next().startsWith(DATA)) {
                fetch();
            }
        }
    }

    private void fetch() throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("/ofrep/v1/evaluate/flags"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"context\":{\"targetingKey\":\"user-4711\"}}"));
        if (!etag.isEmpty()) {
            request.header("If-None-Match", etag);
        }
        HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        long nanos = System.nanoTime();
        if (answer.statusCode() == 304) {
            return;
        }
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("ofrep: " + answer.statusCode());
        }
        Fields all = Fields.lenient(Json.parse(answer.body()));
        etag = answer.headers().firstValue("ETag").orElse("");
        events = all.objects("eventStreams", stream -> stream.object("endpoint").text("requestUri"))
                .getFirst();
        for (Fields one : all.objects("flags", fields -> fields)) {
            if (one.text("key").equals(flag)) {
                say(one.json("value").text(), nanos);
            }
        }
    }

    private void say(String value, long nanos) {
        if (!value.equals(said)) {
            said = value;
            System.out.println(value + " " + nanos);
        }
    }
}

package dev.andon.server.log;

import dev.andon.core.event.Entry;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Change;
import dev.andon.server.http.Page;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The log's part of the API: entries newest first, each change with what was before and after. One request reads a bounded
 * part of the ledger; a page may be shorter than asked for and still not the last. Thread-safe.
 */
public final class Log {
    private static final String PATH = Route.API + "/log";
    private static final int READ_ENTRIES = 200;
    private static final int MAX_SCANNED = 5_000;
    private static final int MAX_PAGE_BYTES = 4 << 20;

    private static final Schema ENTRY = Schema.object()
            .required("version", Schema.whole(1, Long.MAX_VALUE, "The entry's version"))
            .required("type", Schema.text("What was done, such as `flag.create`"))
            .required("actor", Schema.text("Who did it"))
            .required("at", Shapes.TIME)
            .required("reason", Schema.text("Why"))
            .optional("cause", Schema.text("What led to it, such as the version that a rollback goes back to"))
            .required("correlation", Schema.text("The request's id"))
            .required("changes", Schema.array(Change.SCHEMA, "What changed; of a filtered log, what passes the filter"))
            .optional("others", Schema.whole(1, Long.MAX_VALUE, "How many changes the filter holds back"))
            .named("LogEntry");

    private final ControlPlane plane;

    public Log(ControlPlane plane) {
        this.plane = plane;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH)
                        .operation("log", "readLog", "What was changed, newest first")
                        .needs(Access.VIEWER)
                        .query("environment", Shapes.KEY, "Only what concerns this environment")
                        .query("flag", Shapes.KEY, "Only what concerns this flag")
                        .query(
                                "kill",
                                Schema.text("A kill's id"),
                                "Only this kill, its restore, and what was observed of it")
                        .pages()
                        .answers(200, "A page of entries; it may be short without being the last", Schema.page(ENTRY))
                        .does(this::list),
                Route.get(PATH + "/{version}")
                        .operation("log", "readLogEntry", "One entry")
                        .needs(Access.VIEWER)
                        .answers(200, "The entry", ENTRY)
                        .does(this::read));
    }

    private Reply list(Call call) {
        Page page = call.page();
        Image image = plane.image();
        Optional<String> flag = call.query("flag");
        Filter filter = new Filter(
                call.query("environment"),
                flag,
                call.query("kill").map(id -> KillId.parse("kill", id)),
                flag.map(key -> image.flags().get(key)).map(Versioned::value));
        long newest = image.provenance().version();
        long before = page.after().map(Log::version).orElse(newest + 1);
        History history = plane.history();
        Joined joined = new Joined(history);
        List<Json> items = new ArrayList<>();
        long bytes = 0;
        int scanned = 0;
        long last = Math.min(before - 1, newest);
        while (last >= 1 && scanned < MAX_SCANNED) {
            long first = Math.max(1, last - READ_ENTRIES + 1);
            List<History.Recorded> entries = entries(history, first, last);
            for (History.Recorded recorded : entries.reversed()) {
                Optional<Json> item = item(recorded, filter, joined);
                scanned++;
                last = recorded.version() - 1;
                if (item.isPresent()) {
                    items.add(item.get());
                    bytes += item.get().utf8().length;
                }
                if (items.size() == page.limit() || bytes > MAX_PAGE_BYTES || joined.spent()) {
                    return page(items, recorded.version());
                }
            }
        }
        return page(items, last + 1);
    }

    /** The entries from some version at or after {@code first} to {@code last}, in order. */
    private static List<History.Recorded> entries(History history, long first, long last) {
        List<History.Recorded> entries = history.entries(first, last);
        if (!entries.isEmpty() && entries.getLast().version() == last) {
            return entries;
        }
        // Large entries end a read early, from the front; what was asked for is at the back.
        List<History.Recorded> one = first == last ? entries : history.entries(last, last);
        if (one.isEmpty()) {
            throw Problems.notFound("version", "" + last, List.of());
        }
        return one;
    }

    private static Reply page(List<Json> items, long oldest) {
        return Reply.ok(Page.body(items, oldest > 1 ? Optional.of("" + oldest) : Optional.empty()));
    }

    private Reply read(Call call) {
        long version = version(call.path("version"));
        History history = plane.history();
        List<History.Recorded> entries =
                version > plane.image().provenance().version() ? List.of() : history.entries(version, version);
        if (entries.isEmpty()) {
            throw Problems.notFound("version", "" + version, List.of());
        }
        Filter everything = new Filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        return Reply.ok(
                item(entries.getFirst(), everything, new Joined(history)).orElseThrow());
    }

    private static Optional<Json> item(History.Recorded recorded, Filter filter, Joined joined) {
        Entry entry = recorded.entry();
        List<Json> changes = new ArrayList<>();
        int others = 0;
        for (var event : entry.events()) {
            if (!Change.shows(event)) {
                continue;
            }
            if (filter.passes(event, () -> joined.before(entry, event))) {
                changes.add(new Change(
                                event.subject(),
                                joined.before(entry, event).flatMap(Change::after),
                                Change.after(event))
                        .toJson());
            } else {
                others++;
            }
        }
        if (changes.isEmpty() && !filter.isOpen()) {
            return Optional.empty();
        }
        Json.Builder json = Json.object()
                .put("version", recorded.version())
                .put("type", entry.type())
                .put("actor", entry.actor())
                .put("at", entry.at().toString())
                .put("reason", entry.reason())
                .put("cause", entry.cause())
                .put("correlation", entry.correlation())
                .put("changes", Json.array(changes));
        if (others > 0) {
            json.put("others", others);
        }
        return Optional.of(json.build());
    }

    private static long version(String text) {
        try {
            long version = Long.parseLong(text);
            if (version > 0) {
                return version;
            }
        } catch (NumberFormatException e) {
            // Refused below, like a version that is none.
        }
        throw new InvalidInput("version", text, "a version of the ledger, a whole number from 1");
    }
}

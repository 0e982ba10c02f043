package dev.andon.core.image;

import dev.andon.core.event.Event;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import java.util.ArrayList;
import java.util.List;

/** An image as bytes: its provenance and the events that make it. Equal images give equal bytes. */
public final class ImageCodec {
    private static final int SCHEMA = 1;

    private ImageCodec() {}

    public static byte[] encode(Image image) {
        return Json.object()
                .put("schema", SCHEMA)
                .put("state", provenanceJson(image.provenance()))
                .put("events", eventsJson(image.events()))
                .build()
                .utf8();
    }

    /** Refuses bytes that are no image, or of a format later than this version knows, with {@link InvalidInput}. */
    public static Image decode(byte[] bytes) {
        Fields fields = Fields.lenient(Json.parse(bytes, JsonLimits.SNAPSHOT));
        fields.whole("schema", 1, SCHEMA);
        Provenance provenance = readProvenance(fields.object("state"));
        return new ImageDelta(Image.EMPTY)
                .applyAll(readEvents(fields, "events"))
                .build(provenance);
    }

    public static Json provenanceJson(Provenance provenance) {
        return Json.object()
                .put("ledger", provenance.ledger())
                .put("epoch", provenance.epoch())
                .put("version", provenance.version())
                .build();
    }

    public static Provenance readProvenance(Fields fields) {
        return new Provenance(
                fields.text("ledger"),
                fields.whole("epoch", 0, Long.MAX_VALUE),
                fields.whole("version", 0, Long.MAX_VALUE));
    }

    public static Json eventsJson(List<Versioned<Event>> events) {
        List<Json> items = new ArrayList<>(events.size());
        for (Versioned<Event> event : events) {
            items.add(Json.object()
                    .put("version", event.version())
                    .put("event", event.value().toJson())
                    .build());
        }
        return Json.array(items);
    }

    public static List<Versioned<Event>> readEvents(Fields fields, String name) {
        return fields.objects(name, item -> {
            Event event = Event.read(item.object("event"));
            return new Versioned<>(event, item.whole("version", 0, Long.MAX_VALUE));
        });
    }
}

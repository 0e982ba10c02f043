package dev.andon.server.http;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Token;
import dev.andon.server.node.Committed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What became of one object, as dry runs and the log show it. Secrets' hashes are left out.
 *
 * @param subject such as {@code production/flag/new-checkout}
 * @param before none if there was nothing
 * @param after none if nothing is left
 */
public record Change(String subject, Optional<Json> before, Optional<Json> after) {
    public static final Schema SCHEMA = Schema.object()
            .required("subject", Schema.text("What changed, such as `production/flag/new-checkout`"))
            .optional("before", Schema.openObject("The object before; missing if there was none"))
            .optional("after", Schema.openObject("The object after; missing if there is none"))
            .named("Change");

    static final Schema DRY_RUN = Schema.object()
            .required("dryRun", Schema.bool("Always true: nothing was changed"))
            .required("version", Schema.whole(0, Long.MAX_VALUE, "The ledger's version that this was computed on"))
            .required("changes", Schema.array(SCHEMA, "What would change"))
            .optional("result", Schema.openObject("What would be answered, as far as it is known beforehand"))
            .named("DryRun");

    public Json toJson() {
        Json.Builder json = Json.object().put("subject", subject);
        before.ifPresent(value -> json.put("before", value));
        after.ifPresent(value -> json.put("after", value));
        return json.build();
    }

    /** What a decision's events change. */
    static List<Json> listJson(Committed committed) {
        List<Json> changes = new ArrayList<>();
        for (Event event : committed.events()) {
            if (shows(event)) {
                changes.add(new Change(event.subject(), before(committed.before(), event), after(event)).toJson());
            }
        }
        return changes;
    }

    /** Whether people are shown the event: the ledger's own book-keeping isn't. */
    public static boolean shows(Event event) {
        return !(event instanceof Event.RequestDone) && !(event instanceof Event.Settled);
    }

    /** The object that the event leaves behind. */
    public static Optional<Json> after(Event event) {
        return switch (event) {
            case Event.EnvironmentSaved saved -> Optional.of(saved.environment().toJson());
            case Event.FlagSaved saved -> Optional.of(saved.flag().toJson());
            case Event.ConfigurationSaved saved ->
                Optional.of(saved.configuration().toJson());
            case Event.SegmentSaved saved -> Optional.of(saved.segment().toJson());
            case Event.KillStood stood -> Optional.of(stood.kill().kill().toJson());
            case Event.TokenSaved saved -> Optional.of(tokenJson(saved.token()));
            case Event.NodeSaved saved -> Optional.of(saved.node().toJson());
            case Event.LedgerContinued continued ->
                Optional.of(Json.object()
                        .put("entry", continued.entry())
                        .put("found", continued.found())
                        .build());
            case Event.Observed observed -> Optional.of(observed.details());
            case Event.ConfigurationDeleted deleted -> Optional.empty();
            case Event.SegmentDeleted deleted -> Optional.empty();
            case Event.KillRestored restored -> Optional.empty();
            case Event.Settled settled -> Optional.empty();
            case Event.RequestDone done -> Optional.empty();
        };
    }

    /** A token without its secrets' hashes. */
    public static Json tokenJson(Token token) {
        List<Json> secrets = new ArrayList<>();
        token.secrets()
                .forEach(secret -> secrets.add(Json.object()
                        .put("until", secret.until().map(Object::toString))
                        .build()));
        return Json.object()
                .put("id", token.id())
                .put("name", token.name())
                .put("role", token.role().word())
                .put("environment", token.environment())
                .put("secrets", Json.array(secrets))
                .put("createdAt", token.createdAt().toString())
                .put("revokedAt", token.revokedAt().map(Object::toString))
                .build();
    }

    private static Optional<Json> before(Image image, Event event) {
        return switch (event) {
            case Event.EnvironmentSaved saved ->
                image.environment(saved.environment().key())
                        .map(environment -> environment.environment().toJson());
            case Event.FlagSaved saved ->
                Optional.ofNullable(image.flags().get(saved.flag().key()))
                        .map(flag -> flag.value().toJson());
            case Event.ConfigurationSaved saved -> configuration(image, saved.environment(), saved.flag());
            case Event.ConfigurationDeleted deleted -> configuration(image, deleted.environment(), deleted.flag());
            case Event.SegmentSaved saved ->
                segment(image, saved.environment(), saved.segment().key());
            case Event.SegmentDeleted deleted -> segment(image, deleted.environment(), deleted.segment());
            case Event.KillStood stood -> Optional.empty();
            case Event.KillRestored restored ->
                image.environment(restored.environment())
                        .map(EnvironmentImage::kills)
                        .map(kills -> kills.get(restored.kill()))
                        .map(kill -> kill.value().signed().kill().toJson());
            case Event.TokenSaved saved ->
                Optional.ofNullable(image.tokens().get(saved.token().id())).map(token -> tokenJson(token.value()));
            case Event.NodeSaved saved ->
                Optional.ofNullable(image.nodes().get(saved.node().id()))
                        .map(node -> node.value().toJson());
            case Event.LedgerContinued continued -> Optional.empty();
            case Event.Observed observed -> Optional.empty();
            case Event.Settled settled -> Optional.empty();
            case Event.RequestDone done -> Optional.empty();
        };
    }

    private static Optional<Json> configuration(Image image, String environment, String flag) {
        return image.environment(environment)
                .map(found -> found.configurations().get(flag))
                .map(configuration -> configuration.value().toJson());
    }

    private static Optional<Json> segment(Image image, String environment, String key) {
        return image.environment(environment)
                .map(found -> found.segments().get(key))
                .map(Versioned::value)
                .map(segment -> segment.toJson());
    }
}

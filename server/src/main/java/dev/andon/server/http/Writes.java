package dev.andon.server.http;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.Committed;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Outcome;
import dev.andon.server.node.Refused;

/** Proposes commands, and turns what became of them into answers. Thread-safe. */
public final class Writes {
    static final Schema REPEATED = Schema.object()
            .required("repeated", Schema.bool("Always true: the request was carried out before, and not again"))
            .required("version", Schema.whole(1, Long.MAX_VALUE, "The version of the entry that carried it out"))
            .named("Repeated");

    private final ControlPlane plane;

    public Writes(ControlPlane plane) {
        this.plane = plane;
    }

    /**
     * Carries out what the call asks for. The command's reply is the body, an object; {@code version} in it, if there is
     * one, becomes the entity tag.
     *
     * @param status of the answer when something was changed
     */
    public Reply answer(Call call, int status, Command<Json> command) {
        return answer(status, execute(call, command));
    }

    /** Answers with what became of a command that was carried out already. */
    public Reply answer(int status, Outcome<Json> outcome) {
        return switch (outcome) {
            case Outcome.Done<Json> done -> tagged(status, done.reply());
            case Outcome.Unchanged<Json> unchanged -> tagged(200, unchanged.reply());
            case Outcome.Repeated<Json> repeated ->
                Reply.ok(Json.object()
                        .put("repeated", true)
                        .put("version", repeated.version())
                        .build());
            case Outcome.Rehearsed<Json> rehearsed -> rehearsed(rehearsed.committed(), rehearsed.reply());
        };
    }

    /** Where there is no body, what the rules refuse isn't a value of the request's but what is there. */
    private Outcome<Json> execute(Call call, Command<Json> command) {
        CommandContext context = call.context();
        try {
            return plane.execute(command, context);
        } catch (InvalidInput e) {
            if (call.hasBody()) {
                throw e;
            }
            throw new Refused(Refused.Code.CONFLICT, e.path(), e.value(), e.expected());
        }
    }

    private static Reply tagged(int status, Json body) {
        Reply reply = Reply.json(status, body);
        return body instanceof Json.Members object && object.members().get("version") instanceof Json.Whole version
                ? reply.version(version.value())
                : reply;
    }

    private static Reply rehearsed(Committed committed, Json result) {
        return Reply.ok(Json.object()
                .put("dryRun", true)
                .put("version", committed.before().provenance().version())
                .put("changes", Json.array(Change.listJson(committed)))
                .put("result", withoutVersion(result))
                .build());
    }

    /** The version that an entry would get isn't known beforehand. */
    private static Json withoutVersion(Json result) {
        if (!(result instanceof Json.Members object)) {
            return result;
        }
        Json.Builder json = Json.object();
        object.members().forEach((name, value) -> {
            if (!name.equals("version")) {
                json.put(name, value);
            }
        });
        return json.build();
    }
}

package dev.andon.server.kill;

import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Keys;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.KillReceipts;
import java.util.List;

/** The shapes of what kills take, and of their rehearsals, for the API document. */
final class KillShapes {
    private static final Schema COUNT = Schema.whole(0, Long.MAX_VALUE, "How many");
    private static final Schema NUMBER = Schema.number("A number");
    private static final Schema KEY = Schema.text("A flag's key");

    static final Schema TARGET = Schema.oneOf(
                    List.of(
                            Schema.object().required("flag", Shapes.KEY).build(),
                            Schema.object().required("tag", Shapes.KEY).build(),
                            Schema.object()
                                    .required("owner", Schema.text(1, Keys.KEY_CHARS, "An owner"))
                                    .build(),
                            Schema.object()
                                    .required("kind", Schema.words(FlagKind.WORDS.keySet(), "A kind"))
                                    .build(),
                            Schema.object()
                                    .required("everything", Schema.bool("Always true: every flag"))
                                    .build()),
                    "What is aimed at: one flag, or all with a tag, of an owner, of a kind, or of the environment;"
                            + " those that come to match join")
            .as("Target");

    private static final Schema EXERCISE = Schema.object()
            .required("kill", Schema.text("The kill's id"))
            .required("at", Shapes.TIME)
            .required("applied", COUNT)
            .required("missing", COUNT)
            .required("slowestMs", NUMBER)
            .required("verdict", Schema.text("What the receipt said"))
            .named("Exercise");

    private static final Schema TRAFFIC = Schema.object()
            .required("seconds", Schema.number("How long was counted: the last 300, or since the server started"))
            .required("evaluations", Schema.whole(0, Long.MAX_VALUE, "Of flags that would be touched"))
            .required("perSecond", NUMBER)
            .required("share", Schema.number("The part of the environment's evaluations, 0 to 1"))
            .required(
                    "unsafe",
                    Schema.whole(
                            0, Long.MAX_VALUE, "Of these, the ones that served another variant than" + " the safe one"))
            .required("atMost", Schema.bool("An audience or regions narrow it down, and aren't counted by themselves"))
            .required("complete", Schema.bool("False if there were too many flags in too many services to count all"))
            .required(
                    "busiest",
                    Schema.array(
                            Schema.object()
                                    .required("flag", KEY)
                                    .required("evaluations", COUNT)
                                    .required("perSecond", NUMBER)
                                    .required(
                                            "variants",
                                            Schema.array(
                                                    Schema.object()
                                                            .required("variant", Schema.text("A variant"))
                                                            .required("evaluations", COUNT)
                                                            .required("share", NUMBER)
                                                            .required("safe", Schema.bool("It is the safe variant"))
                                                            .build(),
                                                    "What was served"))
                                    .build(),
                            "The flags that are evaluated most, at most 100"))
            .named("KillTraffic");

    private static final Schema EXERCISES = Schema.object()
            .required("neverCount", Schema.whole(0, Integer.MAX_VALUE, "How many of the flags no kill ever reached"))
            .required("never", Schema.array(KEY, "The first 100 of these"))
            .required(
                    "bySdk",
                    Schema.array(
                            Schema.object()
                                    .required("sdk", Schema.text("Name and version"))
                                    .required("instances", COUNT)
                                    .required("neverCount", COUNT)
                                    .optional("oldest", EXERCISE)
                                    .optional("newest", EXERCISE)
                                    .build(),
                            "By SDK version: those that are connected, and those that a kill has reached"))
            .named("KillExercises");

    private static final Schema SERVICE = Schema.object()
            .required("service", Schema.text("The service"))
            .required("instances", COUNT)
            .required("unreachable", COUNT)
            .required("evaluations", Schema.whole(0, Long.MAX_VALUE, "Of flags that would be touched"))
            .build();

    private static final Schema RESULT = Schema.object()
            .required("environment", Schema.text("The environment"))
            .required("target", Schema.text("What it would be aimed at"))
            .required("known", Schema.bool("False if this node, which is cut off, doesn't know what it is aimed at"))
            .required("flagCount", Schema.whole(0, Integer.MAX_VALUE, "How many flags it would hold"))
            .required("flags", Schema.array(KEY, "The first " + KillReceipts.Held.SHOWN + " of them"))
            .required("why", Schema.text("Why these flags"))
            .required("dependentCount", Schema.whole(0, Integer.MAX_VALUE, "How many flags require one of them"))
            .required("dependents", Schema.array(KEY, "The first " + KillReceipts.Held.SHOWN + " of these"))
            .required(
                    "cascade",
                    Schema.array(
                            Schema.object()
                                    .required("flag", KEY)
                                    .required(
                                            "requires", Schema.array(KEY, "What it requires of what would be stopped"))
                                    .build(),
                            "The first 100 of these, with what they require"))
            .required(
                    "owners",
                    Schema.array(
                            Schema.object()
                                    .required("owner", Schema.text("Whom to tell"))
                                    .required("flags", COUNT)
                                    .build(),
                            "Owners of what would be touched"))
            .required("traffic", TRAFFIC)
            .optional("services", Schema.array(Schema.text("A service"), "Services that would be touched"))
            .optional("byService", Schema.array(SERVICE, "The same, with numbers"))
            .optional("instances", Schema.whole(0, Integer.MAX_VALUE, "How many are connected"))
            .optional("unreachable", Schema.whole(0, Integer.MAX_VALUE, "How many vanished without goodbye"))
            .required("exercise", EXERCISES)
            .required("standing", Schema.array(KillSummary.SCHEMA, "Kills that hold some of it already"))
            .required("local", Schema.array(LocallyStopped.SCHEMA, "Processes that stop some of it by themselves"))
            .optional("already", Schema.text("A kill that stops the same: no second one would be made"))
            .required("restorable", Schema.bool("False if nothing can be restored now, as the ledger is out of reach"))
            .optional("cutOffSince", Shapes.TIME)
            .required(
                    "confirmation",
                    Schema.object()
                            .required("required", Schema.bool("The kill is refused without it"))
                            .required("token", Schema.text("To be sent as `confirm`"))
                            .required("expiresAt", Shapes.TIME)
                            .build())
            .named("KillRehearsal");

    static final Schema REHEARSED = Schema.object()
            .required("dryRun", Schema.bool("Always true: nothing was stopped"))
            .required("version", Schema.whole(0, Long.MAX_VALUE, "The ledger's version that this was computed on"))
            .required(
                    "changes",
                    Schema.array(Schema.anything("None"), "Always empty: a kill leaves the flags as they are"))
            .required("result", RESULT)
            .named("KillRehearsed");

    private KillShapes() {}
}

package dev.andon.proof.harness;

import dev.andon.core.evaluate.Context;
import dev.andon.core.json.Json;
import dev.andon.sdk.Andon;
import dev.andon.sdk.BoolFlag;
import java.time.Duration;

/** One SDK instance of a fleet. Thread-safe. */
final class Member {
    private static final Context CONTEXT = Context.of("user-4711");

    private final Andon andon;
    private final BoolFlag flag;
    private volatile long version;
    private volatile Account account = new Account(Long.MAX_VALUE);
    private volatile boolean lastOn;

    Member(Andon andon, String flag) {
        this.andon = andon;
        this.flag = andon.bool(flag);
    }

    void awaitReady(Duration atMost) {
        try {
            andon.awaitReady(atMost);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An evaluation that begins after the ack was seen must not serve the unsafe variant. */
    void evaluate() {
        Account current = account;
        boolean ackedBefore = current.acked();
        boolean on = flag.isOn(CONTEXT);
        current.served(on, ackedBefore);
        lastOn = on;
    }

    /** From here on, the next ack of anything new is the ack of the kill. */
    void arm() {
        account = new Account(version);
    }

    /** Called with each ack when it has left the SDK, before the server can have it. */
    void sawAck(long ackedVersion, boolean pendingKills) {
        version = ackedVersion;
        account.sawAck(ackedVersion, pendingKills);
        evaluate();
    }

    void close() {
        andon.close();
    }

    Json report() {
        return account.report().put("version", version).put("on", lastOn).build();
    }
}

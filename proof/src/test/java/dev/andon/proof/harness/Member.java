package dev.andon.proof.harness;

import dev.andon.core.evaluate.Context;
import dev.andon.core.json.Json;
import dev.andon.sdk.Andon;
import dev.andon.sdk.BoolFlag;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One SDK instance of a fleet, with the account of what it served and when its ack was seen on the wire. Thread-safe.
 */
final class Member {
    private static final Context CONTEXT = Context.of("user-4711");

    private final Andon andon;
    private final BoolFlag flag;
    private final AtomicLong evaluations = new AtomicLong();
    private final AtomicLong unsafe = new AtomicLong();
    private final AtomicLong unsafeAfterAck = new AtomicLong();
    private volatile long version;
    private volatile long armedAtVersion = Long.MAX_VALUE;
    private volatile boolean acked;
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
        boolean ackedBefore = acked;
        boolean on = flag.isOn(CONTEXT);
        evaluations.incrementAndGet();
        if (on) {
            unsafe.incrementAndGet();
            if (ackedBefore) {
                unsafeAfterAck.incrementAndGet();
            }
        }
        lastOn = on;
    }

    /** From here on, the next ack of anything new is the ack of the kill. */
    void arm() {
        acked = false;
        unsafe.set(0);
        unsafeAfterAck.set(0);
        armedAtVersion = version;
    }

    /** Called with each ack when it has left the SDK, before the server can have it. */
    void sawAck(long ackedVersion, boolean pendingKills) {
        version = ackedVersion;
        if (pendingKills || ackedVersion > armedAtVersion) {
            acked = true;
            evaluate();
        }
    }

    void close() {
        andon.close();
    }

    Json report() {
        return Json.object()
                .put("evaluations", evaluations.get())
                .put("unsafe", unsafe.get())
                .put("unsafeAfterAck", unsafeAfterAck.get())
                .put("acked", acked)
                .put("on", lastOn)
                .build();
    }
}

package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one instance of a fleet served from the moment when it was told to expect a kill, and whether its ack of the kill
 * was seen on the wire. Thread-safe.
 */
final class Account {
    private final long beganAtVersion;
    private final AtomicLong evaluations = new AtomicLong();
    private final AtomicLong afterAck = new AtomicLong();
    private final AtomicLong unsafe = new AtomicLong();
    private final AtomicLong unsafeAfterAck = new AtomicLong();
    private volatile boolean acked;

    /** @param beganAtVersion what the instance had acknowledged: the ack of anything newer is the ack of the kill */
    Account(long beganAtVersion) {
        this.beganAtVersion = beganAtVersion;
    }

    boolean acked() {
        return acked;
    }

    void sawAck(long version, boolean pendingKills) {
        acked = acked || pendingKills || version > beganAtVersion;
    }

    /** @param ackedBefore whether the ack had been seen when the evaluation began */
    void served(boolean on, boolean ackedBefore) {
        evaluations.incrementAndGet();
        if (ackedBefore) {
            afterAck.incrementAndGet();
        }
        if (on) {
            unsafe.incrementAndGet();
            if (ackedBefore) {
                unsafeAfterAck.incrementAndGet();
            }
        }
    }

    Json.Builder report() {
        return Json.object()
                .put("evaluations", evaluations.get())
                .put("afterAck", afterAck.get())
                .put("unsafe", unsafe.get())
                .put("unsafeAfterAck", unsafeAfterAck.get())
                .put("acked", acked);
    }
}

package dev.andon.server.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Sends an answer in pieces, at the pace of whoever takes it: a piece is made when the one before is on its way. Runs on the
 * handler's thread. Used once.
 *
 * <p>What can fail, and what is done:
 *
 * <ol>
 *   <li>The first piece can't be made: the caller answers with a problem; nothing was sent.
 *   <li>A later one can't be made: the connection is cut off, so that nobody takes the answer for whole.
 *   <li>The client goes away, or takes longer than the limit for one piece: the same.
 * </ol>
 */
final class PieceSender {
    private static final Logger log = LoggerFactory.getLogger(PieceSender.class);

    private final Exchange exchange;
    private final Context context;
    private final int pieceMs;
    private final boolean endless;

    /** @param endless whether clients are expected to go away before the answer ends */
    PieceSender(Exchange exchange, Context context, int pieceMs, boolean endless) {
        this.exchange = exchange;
        this.context = context;
        this.pieceMs = pieceMs;
        this.endless = endless;
    }

    /** @param first the body's beginning, which was made before the answer began */
    void send(Reply reply, byte[] first, Pieces pieces) {
        // A source that waits for something to send would learn of it at its next piece alone.
        Runnable gone = endless ? Thread.currentThread()::interrupt : () -> {};
        try {
            onLoop(() -> exchange.begin(reply, gone));
            onLoop(() -> exchange.write(first));
            while (pieces.source().hasNext()) {
                byte[] piece = pieces.source().next();
                onLoop(() -> exchange.write(piece));
            }
            onLoop(exchange::finish);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            log.atLevel(endless ? Level.DEBUG : Level.WARN)
                    .log("request {}: its answer broke off: {}", exchange.correlation(), e.toString());
            OnLoop.run(context, exchange::drop);
        } catch (InterruptedException e) {
            OnLoop.run(context, exchange::drop);
            Thread.currentThread().interrupt();
        }
    }

    private void onLoop(Supplier<Future<Void>> step) throws ExecutionException, TimeoutException, InterruptedException {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        context.runOnContext(go -> {
            try {
                step.get().onSuccess(taken::complete).onFailure(taken::completeExceptionally);
            } catch (RuntimeException e) {
                taken.completeExceptionally(e);
            }
        });
        taken.get(pieceMs, TimeUnit.MILLISECONDS);
    }
}

package dev.andon.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is handed to event loops, and to those that have ended. */
@Timeout(60)
class OnLoopTest {
    private final AtomicBoolean ran = new AtomicBoolean();

    @Test
    void runsOnTheLoopAndNoMoreOnceItHasEnded() throws Exception {
        Vertx vertx = Vertx.vertx();
        Context loop = vertx.getOrCreateContext();
        CompletableFuture<Context> where = new CompletableFuture<>();
        OnLoop.run(loop, () -> where.complete(Vertx.currentContext()));
        assertThat(where.get(60, TimeUnit.SECONDS)).isSameAs(loop);

        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() -> loop.runOnContext(go -> ran.set(true))).isInstanceOf(RejectedExecutionException.class);
        assertThatCode(() -> OnLoop.run(loop, () -> ran.set(true))).doesNotThrowAnyException();
        assertThat(ran).isFalse();
    }
}

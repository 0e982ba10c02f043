package dev.andon.cli;

import dev.andon.cli.api.Answer;
import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiException;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Json;
import java.time.Duration;

/**
 * Waits for a kill to be proven, or for nobody to be left who could say more; on a terminal, with a line that shows how far
 * it is. One that is proven before the ledger has it gets a moment more: in good weather it settles within milliseconds,
 * and nobody is to be told otherwise.
 */
final class ReceiptWatch {
    private static final Duration STEP = Duration.ofSeconds(5);
    private static final Duration LIVE_STEP = Duration.ofMillis(200);
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final Duration SETTLING = Duration.ofMillis(500);
    private static final long RETRY_MS = 250;
    private static final long SETTLING_STEP_MS = 20;
    private static final String CLEAR = "\r\u001b[K";

    private final Shell shell;
    private final boolean live;

    /** @param quiet draws nothing even on a terminal */
    ReceiptWatch(Shell shell, boolean quiet) {
        this.shell = shell;
        this.live = shell.terminal().interactive() && !quiet;
    }

    /**
     * The last state that was seen: proven, sent or restored, or what it was when the time was over. A lost server doesn't
     * end the wait.
     */
    Json await(ApiClient api, Json kill, Duration longest) {
        long start = shell.nanoTime().getAsLong();
        String id = Receipt.Kill.read(kill).id();
        Json last = kill;
        String trouble = "";
        while (true) {
            Duration left = longest.minusNanos(shell.nanoTime().getAsLong() - start);
            Receipt.Kill now = Receipt.Kill.read(last);
            Receipt receipt = now.receipt();
            draw(receipt, longest.minus(left), longest, trouble);
            if (receipt.saysNoMore() || !now.standing() || left.compareTo(Duration.ZERO) <= 0) {
                erase();
                return receipt.saysNoMore() ? settled(api, id, last, left) : last;
            }
            Duration step = live ? LIVE_STEP : STEP;
            try {
                last = ask(api, id, left.compareTo(step) < 0 ? left : step);
                trouble = "";
            } catch (ApiException.Unreachable e) {
                trouble = " · server unreachable";
                pause(RETRY_MS);
            }
        }
    }

    private Json settled(ApiClient api, String id, Json proven, Duration left) {
        long start = shell.nanoTime().getAsLong();
        Duration longest = left.compareTo(SETTLING) < 0 ? left : SETTLING;
        Json last = proven;
        while (Receipt.Kill.read(last).ledger().equals("pending")
                && shell.nanoTime().getAsLong() - start < longest.toNanos()) {
            pause(SETTLING_STEP_MS);
            try {
                last = api.send(ApiRequest.get("kills", id)).body();
            } catch (ApiException.Unreachable e) {
                return last;
            }
        }
        return last;
    }

    private static Json ask(ApiClient api, String id, Duration wait) {
        Answer answer = api.send(ApiRequest.get("kills", id)
                .query("wait", "" + Math.max(1, wait.toMillis()))
                .timeout(wait.plus(GRACE)));
        return answer.body();
    }

    private void draw(Receipt receipt, Duration since, Duration longest, String trouble) {
        if (live) {
            String line = "  " + ReceiptText.progress(receipt) + " · " + Times.shown(since) + " of "
                    + Times.shown(longest) + trouble;
            shell.err().print(CLEAR + Glyphs.cut(line, shell.terminal().width() - 1));
            shell.err().flush();
        }
    }

    private void erase() {
        if (live) {
            shell.err().print(CLEAR);
            shell.err().flush();
        }
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

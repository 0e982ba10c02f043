package dev.andon.proof.docs;

import dev.andon.core.evaluate.Context;
import dev.andon.sdk.Andon;
import dev.andon.sdk.BoolFlag;
import dev.andon.sdk.IntegerFlag;

// snippet: sdk-handles
final class Shop {
    private final BoolFlag newCheckout;
    private final IntegerFlag pageSize;

    Shop(Andon andon) {
        newCheckout = andon.bool("new-checkout");
        pageSize = andon.integer("page-size");
    }

    boolean checksOutOnOnePage(String user, String country) {
        return newCheckout.isOn(Context.of(user).with("country", country));
    }

    long resultsPerPage(String user) {
        return pageSize.value(Context.of(user), 10);
    }
}
// end

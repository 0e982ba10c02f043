package dev.andon.proof.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.Details;
import dev.openfeature.sdk.ImmutableContext;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * An application that is stopped from below: by its environment, by a file that its environment names, and by itself. It
 * evaluates before anything else, and again for each flag that it is asked about on its standard input.
 *
 * <p>Arguments: port of the server, SDK key, name of the instance, directory for the last known state, a flag for it to
 * stop by itself, and flags to evaluate at once.
 */
final class StoppedMain {
    private StoppedMain() {}

    public static void main(String[] arguments) throws Exception {
        Andon andon = Andon.connect(AndonOptions.builder()
                .server(URI.create("http://127.0.0.1:" + arguments[0]))
                .key(arguments[1])
                .service("stopped")
                .instance(arguments[2])
                .stateDirectory(Path.of(arguments[3]))
                .build());
        andon.killLocally(arguments[4], "it misbehaves");
        for (int i = 4; i < arguments.length; i++) {
            System.out.println("first " + answer(andon, arguments[i]));
        }
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println("now " + answer(andon, order));
            }
        }
        andon.close();
    }

    /** The flag, its value where the default would be true, the reason by either way to ask, and the reason's detail. */
    private static String answer(Andon andon, String flag) {
        Details<Boolean> details = andon.bool(flag).evaluate(Context.EMPTY, true);
        var answer = andon.openFeatureProvider().getBooleanEvaluation(flag, true, new ImmutableContext());
        String same = details.value().equals(answer.getValue()) ? "" : " but " + answer.getValue();
        return flag + " " + details.value() + same + " " + details.reason() + " "
                + answer.getFlagMetadata().getString("andonReason") + " " + details.message();
    }
}

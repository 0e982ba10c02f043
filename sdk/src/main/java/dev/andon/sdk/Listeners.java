package dev.andon.sdk;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The application's listeners of one kind. They are told in the background, in order; what they throw is logged. */
final class Listeners<T> {
    private final List<Consumer<? super T>> all = new CopyOnWriteArrayList<>();
    private final Background background;

    Listeners(Background background) {
        this.background = background;
    }

    Subscription add(Consumer<? super T> listener) {
        // Each registration is an object of its own, so that the same listener may be added and removed twice.
        Consumer<T> own = listener::accept;
        all.add(own);
        return () -> all.remove(own);
    }

    void tell(T news) {
        for (Consumer<? super T> listener : all) {
            background.run(() -> listener.accept(news));
        }
    }
}

package dev.andon.server.instance;

import dev.andon.core.stream.Frame;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Instance;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes down what it is told. */
final class Told implements InstanceListener {
    final List<String> lines = new ArrayList<>();
    final List<Served> served = new ArrayList<>();

    @Override
    public void connected(Instance instance, Frame.Hello hello) {
        throw new AssertionError(instance);
    }

    @Override
    public void acked(InstanceKey instance, Frame.Ack ack, long nanos) {
        throw new AssertionError(instance);
    }

    @Override
    public void found(Instance instance, Optional<Served> holds, int missing) {
        lines.add("found " + instance.key().instance() + missing(missing, 0));
    }

    private static String missing(int missing, int usual) {
        return missing == usual ? "" : ", " + missing + " missing";
    }

    @Override
    public void unlisted(String environment) {
        lines.add("unlisted in " + environment);
    }

    @Override
    public void sent(InstanceKey instance, Served served, long nanos) {
        this.served.add(served);
        int widened = served.widened().size();
        lines.add("sent " + instance.instance() + (widened == 0 ? "" : ", widened " + widened));
    }

    @Override
    public void confirmed(InstanceKey instance, Served served, long nanos) {
        lines.add("confirmed " + instance.instance());
    }

    @Override
    public void vanished(InstanceKey instance, int missing) {
        lines.add("vanished " + instance.instance() + missing(missing, 1));
    }

    @Override
    public void left(InstanceKey instance) {
        lines.add("left " + instance.instance());
    }

    @Override
    public void reported(InstanceKey instance, Frame.Report report, long nanos) {
        throw new AssertionError(instance);
    }
}

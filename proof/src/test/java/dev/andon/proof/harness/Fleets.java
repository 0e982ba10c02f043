package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Several processes full of SDK instances. For one thread. */
public final class Fleets implements AutoCloseable {
    private final Optional<Path> state;
    private final List<Fleet> fleets = new ArrayList<>();

    /** Fleets that keep no state. */
    public Fleets() {
        this.state = Optional.empty();
    }

    /**
     * @param state directory for the instances' last-known-good states
     */
    public Fleets(Path state) {
        this.state = Optional.of(state);
    }

    /** Starts another process; see {@link Fleet#start}. */
    public Fleet add(int port, String key, String service, int size, String flag) {
        Fleet fleet = Fleet.start(port, key, service, size, flag, state.map(directory -> directory.resolve(service)));
        fleets.add(fleet);
        return fleet;
    }

    /** The names of all instances. */
    public Set<String> names() {
        Set<String> names = new HashSet<>();
        fleets.forEach(fleet -> names.addAll(fleet.names()));
        return names;
    }

    public Fleet.Report awaitReady() {
        return gather(Fleet::awaitReady);
    }

    public Fleet.Report arm() {
        return gather(Fleet::arm);
    }

    public Fleet.Report report() {
        return gather(Fleet::report);
    }

    private Fleet.Report gather(Function<Fleet, Fleet.Report> ask) {
        List<Json> instances = new ArrayList<>();
        fleets.forEach(fleet -> instances.addAll(ask.apply(fleet).instances()));
        return new Fleet.Report(instances);
    }

    @Override
    public void close() {
        fleets.forEach(Fleet::close);
    }
}

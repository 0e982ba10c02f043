package dev.andon.bench.evaluation;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.togglz.core.Feature;
import org.togglz.core.activation.Parameter;
import org.togglz.core.manager.FeatureManager;
import org.togglz.core.manager.FeatureManagerBuilder;
import org.togglz.core.metadata.EmptyFeatureMetaData;
import org.togglz.core.metadata.FeatureMetaData;
import org.togglz.core.repository.FeatureState;
import org.togglz.core.repository.StateRepository;
import org.togglz.core.repository.mem.InMemoryStateRepository;
import org.togglz.core.spi.ActivationStrategy;
import org.togglz.core.spi.FeatureProvider;
import org.togglz.core.user.FeatureUser;
import org.togglz.core.user.SimpleFeatureUser;
import org.togglz.core.util.NamedFeature;

/** Togglz, in memory. It has nothing that targets by country: that is a strategy of the application's own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Togglz {
    private final FeatureUser[] users = Caller.contexts(
            user -> new SimpleFeatureUser(user).setAttribute("country", Caller.COUNTRY), new FeatureUser[0]);
    private final Feature constant = new NamedFeature(Flags.CONSTANT);
    private final Feature split = new NamedFeature(Flags.SPLIT);
    private FeatureUser user = users[0];
    private final FeatureManager manager = new FeatureManagerBuilder()
            .featureProvider(new Features())
            .stateRepository(states())
            .userProvider(() -> user)
            .activationStrategy(new HalfOfTwoCountries())
            .build();
    private int next;

    public Togglz() {
        int in = 0;
        for (int i = 0; i < users.length; i++) {
            in += evaluate(split) ? 1 : 0;
        }
        Flags.check(evaluate(constant), in);
    }

    private static StateRepository states() {
        StateRepository states = new InMemoryStateRepository();
        states.setFeatureState(new FeatureState(new NamedFeature(Flags.CONSTANT), true));
        for (String key : Flags.splits()) {
            states.setFeatureState(new FeatureState(new NamedFeature(key), true).setStrategyId(HalfOfTwoCountries.ID));
        }
        return states;
    }

    private static final class Features implements FeatureProvider {
        private final Set<Feature> all = Stream.concat(Stream.of(Flags.CONSTANT), Flags.splits().stream())
                .map(NamedFeature::new)
                .collect(Collectors.toSet());

        @Override
        public Set<Feature> getFeatures() {
            return all;
        }

        @Override
        public FeatureMetaData getMetaData(Feature feature) {
            return new EmptyFeatureMetaData(feature);
        }
    }

    /** Sticky by the user's name, as the strategy that Togglz brings for shares of all users. */
    private static final class HalfOfTwoCountries implements ActivationStrategy {
        static final String ID = "half-of-two-countries";
        private static final Set<String> COUNTRIES = Set.of("DE", "AT");

        @Override
        public String getId() {
            return ID;
        }

        @Override
        public String getName() {
            return ID;
        }

        @Override
        public boolean isActive(FeatureState state, FeatureUser user) {
            return user != null
                    && user.getAttribute("country") instanceof String country
                    && COUNTRIES.contains(country)
                    && Math.floorMod(user.getName().hashCode(), 100) < 50;
        }

        @Override
        public Parameter[] getParameters() {
            return new Parameter[0];
        }
    }

    private boolean evaluate(Feature feature) {
        user = users[next++ & Caller.USERS - 1];
        return manager.isActive(feature);
    }

    @Benchmark
    public boolean constant() {
        return evaluate(constant);
    }

    @Benchmark
    public boolean split() {
        return evaluate(split);
    }
}

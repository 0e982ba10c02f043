package dev.andon.server.simulation;

import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Segment;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;

/** What an entry of the ledger is there for: what whoever asked for it meant. */
sealed interface Intent {

    /** The entry's verb. */
    String type();

    /** The environment and the nodes. */
    record SetUp() implements Intent {
        @Override
        public String type() {
            return "start";
        }
    }

    /** The ledger is to know a relay. */
    record Join(String relay) implements Intent {
        @Override
        public String type() {
            return "node.join";
        }
    }

    record Create(Flag flag, Configuration configuration) implements Intent {
        @Override
        public String type() {
            return "flag.create";
        }
    }

    record Edit(Flag flag) implements Intent {
        @Override
        public String type() {
            return "flag.edit";
        }
    }

    record Archive(String flag) implements Intent {
        @Override
        public String type() {
            return "flag.archive";
        }
    }

    record Configure(String flag, Configuration configuration) implements Intent {
        @Override
        public String type() {
            return "flag.configure";
        }
    }

    record SaveSegment(Segment segment) implements Intent {
        @Override
        public String type() {
            return "segment.save";
        }
    }

    record DeleteSegment(String segment) implements Intent {
        @Override
        public String type() {
            return "segment.delete";
        }
    }

    /** Releases one kill, or all that are aimed at what it is aimed at. */
    record Restore(KillId kill, boolean byTarget) implements Intent {
        @Override
        public String type() {
            return "restore";
        }
    }

    /**
     * @param flags those that are named; none, and no segments, for the whole environment
     * @param newest the version that the node knew when it was asked
     */
    record Rollback(
            SortedSet<String> flags,
            SortedSet<String> segments,
            boolean withDependencies,
            OptionalLong toVersion,
            Optional<Instant> toTime,
            long newest)
            implements Intent {
        boolean whole() {
            return flags.isEmpty() && segments.isEmpty();
        }

        @Override
        public String type() {
            return "rollback";
        }
    }

    record Settle(KillId kill) implements Intent {
        @Override
        public String type() {
            return "kill";
        }
    }

    /**
     * An intent on its way into the ledger.
     *
     * @param node that decided
     * @param known the kills that the node knew, each with the flags that it has seen it hold
     */
    record Pending(Intent intent, int node, java.util.Map<KillId, Set<String>> known) {}
}

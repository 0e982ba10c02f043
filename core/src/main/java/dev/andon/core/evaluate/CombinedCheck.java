package dev.andon.core.evaluate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks made of other checks. */
final class CombinedCheck {
    private CombinedCheck() {}

    /** All parts hold, or at least one does; looks no further than it must. */
    static final class Parts implements Check {
        private final Check[] parts;
        private final boolean all;

        Parts(List<Check> parts, boolean all) {
            this.parts = parts.toArray(new Check[0]);
            this.all = all;
        }

        @Override
        public boolean holds(Context context, @Nullable Trace trace) {
            if (trace != null) {
                trace.open();
            }
            boolean holds = all;
            for (Check part : parts) {
                if (part.holds(context, trace) != all) {
                    holds = !all;
                    break;
                }
            }
            if (trace != null) {
                trace.close("condition", all ? "all" : "any", ConditionCheck.outcome(holds));
            }
            return holds;
        }
    }

    static final class Not implements Check {
        private final Check part;

        Not(Check part) {
            this.part = part;
        }

        @Override
        public boolean holds(Context context, @Nullable Trace trace) {
            if (trace != null) {
                trace.open();
            }
            boolean holds = !part.holds(context, trace);
            if (trace != null) {
                trace.close("condition", "not", ConditionCheck.outcome(holds));
            }
            return holds;
        }
    }

    static final class Segment implements Check {
        private final String key;
        private final Check when;

        Segment(String key, Check when) {
            this.key = key;
            this.when = when;
        }

        @Override
        public boolean holds(Context context, @Nullable Trace trace) {
            if (trace != null) {
                trace.open();
            }
            boolean holds = when.holds(context, trace);
            if (trace != null) {
                trace.close("segment", key, ConditionCheck.outcome(holds));
            }
            return holds;
        }
    }

    /** A segment that doesn't exist holds for nobody. */
    static final class UnknownSegment implements Check {
        private final String key;

        UnknownSegment(String key) {
            this.key = key;
        }

        @Override
        public boolean holds(Context context, @Nullable Trace trace) {
            if (trace != null) {
                trace.step("segment", key, "doesn't exist");
            }
            return false;
        }
    }
}

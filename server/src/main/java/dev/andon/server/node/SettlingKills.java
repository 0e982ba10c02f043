package dev.andon.server.node;

import dev.andon.core.event.Entry;
import dev.andon.core.image.Image;
import dev.andon.core.image.PassingFlags;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Target;
import dev.andon.core.stop.SettleEntry;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoredEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the entries by which kills settle. Flags that came to match a kill on its way and ceased to are looked up in the
 * ledger, so that the kill holds them whoever settles it. For the ledger's thread.
 */
final class SettlingKills {
    private static final Logger log = LoggerFactory.getLogger(SettlingKills.class);
    private static final int READ_ENTRIES = 1_000;

    /** Reads entries after a version, as {@link LedgerStore#read}. */
    interface Reader {
        List<StoredEntry> read(long afterVersion, int maxEntries);
    }

    /** How far the ledger was looked through for a kill, so that an append that is tried again goes on from there. */
    private static final class Look {
        final PassingFlags passing;
        long version;
        boolean unreadable;

        Look(Kill kill) {
            this.passing = new PassingFlags(kill);
            this.version = kill.resolved().version();
        }
    }

    private final Reader reader;
    private final Map<KillId, Look> looks = new HashMap<>();

    SettlingKills(Reader reader) {
        this.reader = reader;
    }

    /**
     * The entries to append at the image, for as many of the kills as fit into one append, the first ones.
     *
     * @throws dev.andon.store.StoreException if the ledger can't be read
     */
    List<byte[]> entries(List<StandingKill> kills, Image at) {
        looks.keySet().retainAll(kills.stream().map(StandingKill::id).toList());
        List<byte[]> entries = new ArrayList<>();
        long bytes = 0;
        for (StandingKill kill : kills) {
            byte[] entry = SettleEntry.of(complete(kill, at)).encode();
            bytes += entry.length;
            if (!entries.isEmpty() && bytes > LedgerStore.MAX_APPEND_BYTES) {
                break;
            }
            entries.add(entry);
        }
        return entries;
    }

    private StandingKill complete(StandingKill standing, Image at) {
        Kill kill = standing.signed().kill();
        if (!kill.wide()
                || kill.target() instanceof Target.Everything
                || kill.resolved().epoch() != at.provenance().epoch()) {
            return standing;
        }
        Look look = looks.computeIfAbsent(kill.id(), id -> new Look(kill));
        while (!look.unreadable && look.version < at.provenance().version()) {
            see(look, kill, at.provenance().version());
        }
        return look.unreadable ? standing.naming(StandingKill.everyFlag()) : look.passing.namedBy(standing, at);
    }

    private void see(Look look, Kill kill, long last) {
        int most = (int) Math.min(READ_ENTRIES, last - look.version);
        List<StoredEntry> entries = reader.read(look.version, most);
        if (entries.isEmpty()) {
            throw new Damage("the ledger ends before version " + last);
        }
        for (StoredEntry entry : entries) {
            try {
                look.passing.see(Entry.decode(entry.bytes()));
            } catch (InvalidInput e) {
                log.error(
                        "ALARM: kill {}: entry {} can't be read, so that it isn't known which flags {} matched before"
                                + " it settled; it stops all of {} until it is restored",
                        kill.id(),
                        entry.version(),
                        kill.target(),
                        kill.environment());
                look.unreadable = true;
                return;
            }
            look.version = entry.version();
        }
    }
}

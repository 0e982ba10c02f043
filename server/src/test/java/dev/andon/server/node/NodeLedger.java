package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.ledger.ChainHash;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** A node's ledger without its thread: whoever calls is the thread. What its reader throws comes out of the call. */
public final class NodeLedger {
    private static final int HASH_CHARS = 64;

    private final Ledger ledger;
    private RuntimeException thrown;

    /**
     * @param saved what {@link #encode} wrote, or nothing
     * @param reader told of every new image
     */
    public NodeLedger(
            LedgerStore store, InstantSource clock, LongSupplier nanoTime, byte[] saved, Consumer<Publication> reader) {
        Publisher publisher = new Publisher() {
            @Override
            public String name() {
                return "simulation";
            }

            @Override
            public void publish(Publication publication) {
                try {
                    reader.accept(publication);
                } catch (RuntimeException e) {
                    thrown = thrown == null ? e : thrown;
                }
            }
        };
        Verification verification = new Verification(store, this::folded, 1, clock, nanoTime, end -> {});
        this.ledger =
                new Ledger(store, NodeLimits.DEFAULT, clock, nanoTime, decode(saved), verification, List.of(publisher));
    }

    private Folded folded() {
        return ledger.current();
    }

    public Image image() {
        return ledger.current().image();
    }

    public LedgerPosition position() {
        return ledger.current().position();
    }

    /** What publishers are told when a node starts from its disk. */
    public Publication known() {
        return new Publication(Image.EMPTY, image(), position(), List.of(), true);
    }

    /** Reads to the ledger's end; whether it got there. */
    public boolean catchUp() {
        boolean done = ledger.catchUp();
        rethrow();
        return done;
    }

    /** As {@link Ledger#append}, trying once. */
    public boolean append(List<byte[]> entries) {
        boolean done = ledger.append(entries, Long.MIN_VALUE / 2);
        rethrow();
        return done;
    }

    /** What relays below the node may read. */
    public LedgerFeed feed() {
        return new LedgerFeed(ledger::current, ledger.store());
    }

    /** As a relay settles; what comes of it goes to {@code failed}. */
    public void handUp(Provenance at, List<StandingKill> kills, Consumer<String> failed) {
        new HandingUp(ledger).settle(at, kills, new StopLoop.Settling.Result() {
            @Override
            public void appended(long version) {
                throw new IllegalStateException("a relay has appended version " + version);
            }

            @Override
            public void conflicted() {
                throw new IllegalStateException("a relay has tried to append");
            }

            @Override
            public void failed(String why) {
                failed.accept(why);
            }
        });
    }

    private void rethrow() {
        RuntimeException e = thrown;
        thrown = null;
        if (e != null) {
            throw e;
        }
    }

    /** The image and where it ends, as in a node's file. */
    public byte[] encode() {
        byte[] image = ImageCodec.encode(image());
        byte[] hash = (position().hash().hex() + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] content = Arrays.copyOf(hash, hash.length + image.length);
        System.arraycopy(image, 0, content, hash.length, image.length);
        return content;
    }

    private static Folded decode(byte[] saved) {
        if (saved.length == 0) {
            return new Folded(Image.EMPTY, LedgerPosition.START);
        }
        ChainHash hash = ChainHash.parse(new String(saved, 0, HASH_CHARS, StandardCharsets.US_ASCII));
        Image image = ImageCodec.decode(Arrays.copyOfRange(saved, HASH_CHARS + 1, saved.length));
        return new Folded(image, new LedgerPosition(image.provenance().version(), hash));
    }
}

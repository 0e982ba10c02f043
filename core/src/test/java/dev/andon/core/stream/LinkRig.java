package dev.andon.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.StandingKill;
import dev.andon.core.stream.LinkEffect.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** A driver without I/O on a fake clock: carries out effects in memory and checks what must always hold. */
final class LinkRig {
    static final ClientLink.Identity IDENTITY =
            new ClientLink.Identity("andon-java/test", "checkout", "instance-1", Optional.of("eu"));

    final List<LinkEffect> effects = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final List<LinkStatus> statuses = new ArrayList<>();
    final Set<Long> connections = new HashSet<>();
    private final ClientLink link;
    long nowMs = 1_000_000;
    HeldState inForce;
    HeldState saved = HeldState.EMPTY;
    Set<String> blind;
    boolean failsToPutInForce;
    private boolean closed;

    LinkRig(HeldState loaded, LinkSettings settings, long seed) {
        link = new ClientLink(IDENTITY, settings, loaded, new Random(seed));
        inForce = loaded;
        blind = link.blind();
    }

    LinkRig(HeldState loaded) {
        this(loaded, LinkSettings.DEFAULT, 1);
    }

    static LinkRig started(HeldState loaded) {
        LinkRig rig = new LinkRig(loaded);
        rig.step(new LinkInput.Start());
        return rig;
    }

    LinkStatus.Contact contact() {
        return link.status().contact();
    }

    long sinceMs() {
        return link.status().sinceMs();
    }

    /** The effects of this step alone. */
    List<LinkEffect> step(LinkInput input) {
        List<LinkEffect> stepped = link.step(input, nowMs);
        for (LinkEffect effect : stepped) {
            effects.add(effect);
            if (failsToPutInForce && effect instanceof LinkEffect.PutInForce) {
                step(new LinkInput.NotInForce(inForce, "no memory"));
                break;
            }
            check(effect);
        }
        closed |= input instanceof LinkInput.Close;
        assertThat(closed || link.deadlineMs() > nowMs)
                .as("a deadline that is due was passed by")
                .isTrue();
        return stepped;
    }

    private void check(LinkEffect effect) {
        assertThat(closed).as("quiet after close: " + effect).isFalse();
        if (effect instanceof LinkEffect.Open open) {
            connections.add(open.connection());
        } else if (effect instanceof LinkEffect.Disconnect ended) {
            assertThat(connections.remove(ended.connection())).isTrue();
        } else if (effect instanceof LinkEffect.PutInForce put) {
            assertThat(put.state()
                            .image()
                            .provenance()
                            .olderThan(inForce.image().provenance()))
                    .as("NEVER-BACK")
                    .isFalse();
            assertThat(put.state().standing().stream().map(StandingKill::id))
                    .as("STOP-WINS")
                    .containsAll(inForce.standing().stream()
                            .map(StandingKill::id)
                            .filter(id -> !put.state().image().marks().covers(id))
                            .toList());
            inForce = put.state();
            blind = put.blind();
        } else if (effect instanceof LinkEffect.Ack ack) {
            assertThat(connections).contains(ack.connection());
            assertThat(ack.state()).as("acknowledged is in force").isEqualTo(inForce.held());
            assertThat(ack.pending()).isEqualTo(inForce.carriedIds());
        } else if (effect instanceof LinkEffect.Send send) {
            assertThat(connections).contains(send.connection());
            FrameCodec.decode(FrameCodec.encode(send.frame()), FrameCodec.FROM_CLIENT);
        } else if (effect instanceof LinkEffect.Save save) {
            saved = save.state();
        } else if (effect instanceof LinkEffect.Warn warn) {
            warnings.add(warn.text());
        } else if (effect instanceof LinkEffect.StatusChanged changed) {
            statuses.add(changed.status());
        }
    }

    /** Lets time pass, ticking whenever the link asks for it, until it is over or the link opens a connection. */
    void pass(long ms) {
        long end = nowMs + ms;
        while (link.deadlineMs() <= end) {
            nowMs = Math.max(nowMs, link.deadlineMs());
            step(new LinkInput.Tick());
        }
        nowMs = end;
        step(new LinkInput.Tick());
    }

    /** Lets time pass until the link opens its next connection. */
    LinkEffect.Open nextOpen() {
        long before = lastOpen().map(LinkEffect.Open::connection).orElse(0L);
        while (lastOpen().map(LinkEffect.Open::connection).orElse(0L) == before) {
            assertThat(link.deadlineMs()).isLessThan(Long.MAX_VALUE);
            nowMs = Math.max(nowMs, link.deadlineMs());
            step(new LinkInput.Tick());
        }
        return lastOpen().orElseThrow();
    }

    Optional<LinkEffect.Open> lastOpen() {
        for (int i = effects.size() - 1; i >= 0; i--) {
            if (effects.get(i) instanceof LinkEffect.Open open) {
                return Optional.of(open);
            }
        }
        return Optional.empty();
    }

    long connection() {
        return lastOpen().orElseThrow().connection();
    }

    Transport transport() {
        return lastOpen().orElseThrow().transport();
    }

    List<LinkEffect> opened() {
        return step(new LinkInput.Opened(connection()));
    }

    List<LinkEffect> receive(Frame frame) {
        return step(new LinkInput.Received(connection(), frame));
    }

    List<LinkEffect> welcomed() {
        opened();
        return receive(new Frame.Welcome(1, "node-1", Ledger.ENVIRONMENT, 5_000));
    }

    List<LinkEffect> closed(LinkInput.Cause cause) {
        connections.remove(connection());
        return step(new LinkInput.Closed(connection(), cause));
    }

    List<Frame> sent() {
        return effects.stream()
                .filter(LinkEffect.Send.class::isInstance)
                .map(effect -> ((LinkEffect.Send) effect).frame())
                .toList();
    }

    static <T extends Frame> List<T> sent(List<LinkEffect> effects, Class<T> type) {
        return effects.stream()
                .filter(LinkEffect.Send.class::isInstance)
                .map(effect -> ((LinkEffect.Send) effect).frame())
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}

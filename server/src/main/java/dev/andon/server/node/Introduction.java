package dev.andon.server.node;

import dev.andon.core.model.Role;
import dev.andon.server.token.Secret;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the ledger know a node that has it, and gives a new ledger what it begins with: at the node's start or, where the store
 * is gone then, as soon as it is back. For one thread at a time.
 */
final class Introduction {
    private static final Logger log = LoggerFactory.getLogger(AndonNode.class);
    private static final int TOKEN_ID_BYTES = 6;

    private final AndonNode node;
    private final NodeKey identity;
    private final Path directory;
    private final SecureRandom random;
    private final long retryMs;

    /** @param directory where the first admin token's secret goes */
    Introduction(AndonNode node, NodeKey identity, Path directory, SecureRandom random, long retryMs) {
        this.node = node;
        this.identity = identity;
        this.directory = directory;
        this.random = random;
        this.retryMs = retryMs;
    }

    /** Whether the store took it. */
    boolean now() {
        if (!node.store().writable()) {
            return false;
        }
        try {
            introduce();
            return true;
        } catch (StoreUnavailable e) {
            log.debug("joining the ledger: {}", e.getMessage());
            return false;
        }
    }

    /** As soon as the store takes it, on a thread of its own. */
    void later() {
        Thread.ofVirtual().name("andon-join").start(this::keepTrying);
    }

    private void introduce() {
        CommandContext context = new CommandContext(
                "node:" + identity.node().id(), "first start of this node", "start", Optional.empty(), false);
        node.execute(Bootstrap.environments(), context);
        node.execute(Bootstrap.join(identity.node()), context);
        if (!Bootstrap.hasAdmin(node.image())) {
            String secret = Secret.generate(Role.ADMIN, random);
            AdminToken file = new AdminToken(directory.resolve("admin.token"));
            file.write(secret);
            byte[] id = new byte[TOKEN_ID_BYTES];
            random.nextBytes(id);
            Outcome<Boolean> outcome =
                    node.execute(Bootstrap.admin(HexFormat.of().formatHex(id), Secret.hash(secret)), context);
            if (outcome instanceof Outcome.Done<Boolean>) {
                log.info("admin token: written to {}, readable by its owner alone", file.path());
            } else {
                file.delete();
            }
        }
    }

    private void keepTrying() {
        try {
            while (!now()) {
                Thread.sleep(retryMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.error(
                    "joining the ledger: failed; kills of this node can't be verified by others until its next start",
                    e);
        }
    }
}

package dev.andon.server;

import static dev.andon.server.FlagdFixture.SYNC;
import static dev.andon.server.FlagdFixture.names;
import static dev.andon.server.FlagdFixture.served;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.flagd.sync.v1.FetchAllFlagsRequest;
import dev.andon.flagd.sync.v1.FetchAllFlagsResponse;
import dev.andon.flagd.sync.v1.GetMetadataRequest;
import dev.andon.flagd.sync.v1.GetMetadataResponse;
import dev.andon.flagd.sync.v1.SyncFlagsResponse;
import dev.andon.server.node.FaultyStore;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code flagd.sync.v1}, with gRPC's own client. */
@Timeout(300)
class FlagdSyncTest {
    @TempDir
    private Path folder;

    private FlagdFixture flagd;

    @BeforeEach
    void start() throws Exception {
        flagd = new FlagdFixture(folder);
    }

    @AfterEach
    void close() {
        flagd.close();
    }

    @Test
    void aStreamBeginsWithTheWholeDocumentAndFollowsEveryChange() throws Exception {
        GrpcClient.Stream documents = flagd.documents(1_000);
        SyncFlagsResponse first = documents.next(SyncFlagsResponse.parser());
        assertThat(first.hasSyncContext()).isTrue();
        assertThat(names(first.getFlagConfiguration()))
                .contains("bool", "text", "whole", "number", "object", "split", "tagged");
        assertThat(served(first, "bool")).isEqualTo("on");
        flagd.serve("bool", "off");
        awaitServed(documents, "bool", "off");
        String kill = flagd.kill("tagged");
        awaitServed(documents, "tagged", "off");
        flagd.restore(kill);
        awaitServed(documents, "tagged", "on");
    }

    @Test
    void aKillGoesOutWithoutTheStore() throws Exception {
        GrpcClient.Stream documents = flagd.documents(1_000);
        assertThat(served(documents.next(SyncFlagsResponse.parser()), "bool")).isEqualTo("on");
        flagd.server.store().mode(FaultyStore.Mode.REFUSING);
        flagd.kill("bool");
        awaitServed(documents, "bool", "off");
    }

    @Test
    void afterABurstTheSettledDocumentIsSentAgainOnce() throws Exception {
        int settleMs = 3_000;
        flagd.close();
        // What comes in that time is one burst, also on a slow machine.
        flagd = new FlagdFixture(
                folder.resolve("settling"), config -> config.withTimes(settleMs, 200), config -> config);
        GrpcClient.Stream documents = flagd.documents(1_000);
        documents.next(SyncFlagsResponse.parser());
        for (int i = 0; i < 20; i++) {
            flagd.serve("bool", i % 2 == 0 ? "off" : "on");
        }
        flagd.kill("tagged");
        SyncFlagsResponse last = awaitServed(documents, "tagged", "off");
        assertThat(served(last, "bool")).isEqualTo("on");
        assertThat(documents.next(SyncFlagsResponse.parser()))
                .as("the last is sent twice")
                .isEqualTo(last);
        assertThat(documents.poll(settleMs + 1_000)).as("and no more").isNull();
    }

    @Test
    void allFlagsAndTheMetadataCanBeFetched() throws Exception {
        flagd.kill("bool");
        FetchAllFlagsResponse all = flagd.sync.call(
                SYNC + "FetchAllFlags", FetchAllFlagsRequest.getDefaultInstance(), FetchAllFlagsResponse.parser());
        assertThat(served(
                        SyncFlagsResponse.newBuilder()
                                .setFlagConfiguration(all.getFlagConfiguration())
                                .build(),
                        "bool"))
                .isEqualTo("off");
        assertThat(flagd.sync
                        .call(
                                SYNC + "GetMetadata",
                                GetMetadataRequest.getDefaultInstance(),
                                GetMetadataResponse.parser())
                        .getMetadata()
                        .getFieldsMap())
                .isEmpty();
    }

    @Test
    void aSelectorNamesAnEnvironmentOrATag() throws Exception {
        assertThat(fetched("flagSetId=staging")).containsExactly("staged");
        assertThat(fetched("flagSetId=checkout")).containsExactly("tagged");
        assertThat(fetched("flagSetId=staging/checkout")).containsExactly("staged");
        assertThat(fetched("flagSetId=production")).contains("bool", "tagged").doesNotContain("staged");
        GrpcClient.Stream byHeader = flagd.documents(10, "flagd-selector", "flagSetId=checkout");
        assertThat(names(byHeader.next(SyncFlagsResponse.parser()).getFlagConfiguration()))
                .containsExactly("tagged");
    }

    @Test
    void anUnknownSelectorIsRefusedWithWhatIsKnown() {
        for (String unknown : List.of("flagSetId=checkuot", "flagSetId=development", "x", "flagSetId=")) {
            assertThatThrownBy(() -> fetched(unknown))
                    .as(unknown)
                    .hasMessageContaining("NOT_FOUND")
                    .hasMessageContaining("selector: " + unknown)
                    .hasMessageContaining("flagSetId=NAME")
                    .hasMessageContaining("--flagd-environment");
        }
        assertThatThrownBy(() -> fetched("flagSetId=checkuot")).hasMessageContaining("such as checkout");
    }

    private Set<String> fetched(String selector) throws Exception {
        return names(flagd.sync
                .call(
                        SYNC + "FetchAllFlags",
                        FetchAllFlagsRequest.newBuilder().setSelector(selector).build(),
                        FetchAllFlagsResponse.parser())
                .getFlagConfiguration());
    }

    @Test
    void streamsEndWithTheServerAndComeBackWithTheKillThatTheyMissed() throws Exception {
        GrpcClient.Stream documents = flagd.documents(1_000);
        documents.next(SyncFlagsResponse.parser());
        flagd.kill("bool");
        flagd.restart(FaultyStore.Mode.WORKING);
        await().until(() -> documents.status() != null);
        assertThat(documents.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        GrpcClient.Stream again = flagd.documents(1_000);
        assertThat(served(again.next(SyncFlagsResponse.parser()), "bool")).isEqualTo("off");
    }

    /** Passes over what came before the change, or again. */
    private static SyncFlagsResponse awaitServed(GrpcClient.Stream documents, String flag, String variant)
            throws Exception {
        SyncFlagsResponse document = documents.next(SyncFlagsResponse.parser());
        while (!served(document, flag).equals(variant)) {
            document = documents.next(SyncFlagsResponse.parser());
        }
        return document;
    }
}

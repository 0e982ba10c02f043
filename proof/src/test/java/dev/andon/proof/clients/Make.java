package dev.andon.proof.clients;

import java.util.List;

/** The clients that are tried, as their makers publish them. */
enum Make {
    JAVA_IN_PROCESS("flagd's provider for Java, in-process", "flagd 0.11.15, sdk 1.22.0"),
    JAVA_RPC("flagd's provider for Java, RPC", "flagd 0.11.15, sdk 1.22.0"),
    JAVA_OFREP("OFREP's provider for Java", "ofrep 0.0.2, sdk 1.22.0"),
    NODE_IN_PROCESS("flagd's provider for Node, in-process", "flagd-provider 0.16.1, server-sdk 1.23.0"),
    NODE_RPC("flagd's provider for Node, RPC", "flagd-provider 0.16.1, server-sdk 1.23.0"),
    NODE_OFREP("OFREP's provider for Node", "ofrep-provider 0.1.3, server-sdk 1.23.0"),
    WEB_OFREP("OFREP's provider for browsers", "ofrep-web-provider 0.4.3, web-sdk 1.10.0");

    /** Those that evaluate by themselves say why in their own words: a kill is a flag that is the same for everyone. */
    private static final List<Make> OWN_ENGINE = List.of(JAVA_IN_PROCESS, NODE_IN_PROCESS);

    private final String title;
    private final String version;

    Make(String title, String version) {
        this.title = title;
        this.version = version;
    }

    String title() {
        return title;
    }

    String version() {
        return version;
    }

    boolean ownEngine() {
        return OWN_ENGINE.contains(this);
    }

    /** Starts one; returns when it is ready. */
    ForeignClient connect(Stage stage) {
        return switch (this) {
            case JAVA_IN_PROCESS -> ProcessClient.flagdJava("in-process", stage.syncPort());
            case JAVA_RPC -> ProcessClient.flagdJava("rpc", stage.evaluationPort());
            case JAVA_OFREP -> new OfrepJavaClient(stage.http(), stage.key());
            case NODE_IN_PROCESS -> ProcessClient.flagdNode("in-process", stage.syncPort());
            case NODE_RPC -> ProcessClient.flagdNode("rpc", stage.evaluationPort());
            case NODE_OFREP -> ProcessClient.ofrep(stage.http(), stage.key());
            case WEB_OFREP -> ProcessClient.web(stage.http(), stage.key());
        };
    }
}

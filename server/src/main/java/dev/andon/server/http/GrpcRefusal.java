package dev.andon.server.http;

/** Ends a gRPC call with a status other than OK; the message is for the client. */
public final class GrpcRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final GrpcStatus status;

    public GrpcRefusal(GrpcStatus status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    public GrpcStatus status() {
        return status;
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}

package dev.andon.server.http;

import dev.andon.core.model.Role;

/** Who may use a route. */
public enum Access {
    /** Anyone, without a token. */
    OPEN("no token"),
    /** Whoever may read: viewers, auditors, operators, admins. */
    VIEWER("a token of role viewer, auditor, operator or admin"),
    /** Whoever may take the whole ledger along: auditors, admins. */
    AUDITOR("a token of role auditor or admin"),
    /** Whoever may stop and restore: operators, admins. */
    OPERATOR("a token of role operator or admin"),
    ADMIN("a token of role admin"),
    /** Relays only. */
    RELAY("a token of role relay"),
    /** SDK keys only. */
    SDK("an SDK key"),
    /** Whoever may have flags evaluated: SDK keys and client keys. */
    EVALUATOR("an SDK key or a client key");

    private final String needed;

    Access(String needed) {
        this.needed = needed;
    }

    /** In words, for refusals and documentation. */
    public String needed() {
        return needed;
    }

    public boolean allows(Role role) {
        return switch (this) {
            case OPEN -> true;
            case VIEWER -> !role.ofOneEnvironment() && role != Role.RELAY;
            case AUDITOR -> role == Role.AUDITOR || role == Role.ADMIN;
            case OPERATOR -> role == Role.OPERATOR || role == Role.ADMIN;
            case ADMIN -> role == Role.ADMIN;
            case RELAY -> role == Role.RELAY;
            case SDK -> role == Role.SDK;
            case EVALUATOR -> role.ofOneEnvironment();
        };
    }
}

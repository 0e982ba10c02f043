package dev.andon.proof.docs;

import dev.andon.core.evaluate.Context;

// snippet: sdk-context
record Caller(User user, String country) implements Context {
    @Override
    public String targetingKey() {
        return user.id();
    }

    @Override
    public Object attribute(String name) {
        return switch (name) {
            case "country" -> country;
            case "email" -> user.email();
            default -> null;
        };
    }
}
// end

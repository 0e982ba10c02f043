package dev.andon.server.http;

import dev.andon.core.model.Role;
import java.util.Optional;

/**
 * Whose token a request carries.
 *
 * @param token the token's id
 * @param name the token's name, which log entries hold as the actor
 * @param environment the one environment of an SDK or client key; none for other roles
 * @param secretHash of the secret that was shown, so that what goes on for long can end when that one is rotated out
 */
public record Caller(String token, String name, Role role, Optional<String> environment, String secretHash) {}

package dev.andon.core.image;

/** A value and the version of the ledger that last changed it. */
public record Versioned<T>(T value, long version) {}

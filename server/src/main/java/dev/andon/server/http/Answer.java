package dev.andon.server.http;

/** A way in which a route answers when nothing is wrong. */
record Answer(int status, String description, String contentType, Schema schema) {}

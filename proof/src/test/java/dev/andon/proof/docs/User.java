package dev.andon.proof.docs;

/** What an application has of its own and a context reads in place. */
record User(String id, String email) {}

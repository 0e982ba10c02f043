/** What end-to-end tests need: processes that never outlive a test, a network and a database that fail on command. */
@NullMarked
package dev.andon.proof.harness;

import org.jspecify.annotations.NullMarked;

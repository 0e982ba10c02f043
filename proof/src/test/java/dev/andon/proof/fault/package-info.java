/** What Andon does when processes, stores and disks fail under it. */
@NullMarked
package dev.andon.proof.fault;

import org.jspecify.annotations.NullMarked;

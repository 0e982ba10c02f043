/**
 * The seam between what the control plane decides and how it is carried out: commands, kills, the image they are decided
 * on, and the node that carries them out.
 */
@NullMarked
package dev.andon.server.node;

import org.jspecify.annotations.NullMarked;

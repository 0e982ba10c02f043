/**
 * Random histories of a small world against a plain model, in one thread. {@link dev.andon.server.simulation.World} holds
 * nodes, clients, what is on the wire and the ledger; {@link dev.andon.server.simulation.Steps} lets one thing happen after
 * the other; {@link dev.andon.server.simulation.Model} says what is so, and {@link dev.andon.server.simulation.Promises}
 * holds both against each other after every step.
 */
package dev.andon.server.simulation;

package org.quantcache.tools.layers;

/**
 * An operation that made a number that is not finite out of finite ones.
 *
 * @param side {@code a} or {@code b}
 * @param at place in the model
 * @param op name of the operation
 * @param step of the loop, 0 outside of it
 * @param why what was found, and where
 */
public record NotFinite(String side, String at, String op, int step, String why) {}

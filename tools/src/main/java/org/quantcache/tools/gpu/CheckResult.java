package org.quantcache.tools.gpu;

/**
 * How one check went.
 *
 * @param name what was checked
 * @param passed whether it is as it must be
 * @param detail what was found, in words
 */
public record CheckResult(String name, boolean passed, String detail) {}

package org.quantcache.passes.core;

import java.util.function.Function;

/** A kind of pass: what it is and how to make one with given options. */
public record PassFactory(PassInfo info, Function<Options, Pass> maker) {}

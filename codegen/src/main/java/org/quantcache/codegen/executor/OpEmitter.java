package org.quantcache.codegen.executor;

import org.quantcache.ir.core.Operation;

/** Turns one kind of operation into launches, copies or host calls. */
@FunctionalInterface
interface OpEmitter {
  void emit(Operation operation, Emission out);
}

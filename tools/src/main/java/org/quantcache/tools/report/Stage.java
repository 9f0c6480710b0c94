package org.quantcache.tools.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.quantcache.ir.core.IrModule;

/**
 * A pass and what it left.
 *
 * @param number in the pipeline, 0 for the input
 * @param pass its name
 * @param changed whether the pass changed anything; the module is the one before otherwise
 * @param module the program behind the pass
 * @param remarks JSON objects in the order in which they were made
 */
record Stage(int number, String pass, boolean changed, IrModule module, List<JsonNode> remarks) {}

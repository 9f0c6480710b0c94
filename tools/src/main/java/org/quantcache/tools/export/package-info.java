/** Programs and runs in the forms of other people's viewers: Graphviz, model-explorer, Perfetto. */
package org.quantcache.tools.export;

/** The list of all passes and the named pipelines. */
package org.quantcache.passes.pipelines;

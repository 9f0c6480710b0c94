package org.quantcache.codegen.cuda;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one kernel takes on one card, as ptxas tells.
 *
 * @param kernel name
 * @param registers of a thread
 * @param sharedBytes static shared memory of a block
 * @param spillBytes stored to and loaded from memory because registers did not suffice
 */
@JsonPropertyOrder({"kernel", "registers", "sharedBytes", "spillBytes"})
public record ResourceUsage(String kernel, int registers, int sharedBytes, int spillBytes) {
  private static final Pattern ENTRY = Pattern.compile("Compiling entry function '([^']+)'");
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");
  private static final Pattern USED = Pattern.compile("Used (\\d+) registers(.*)");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  /** Reads what {@code ptxas -v} printed; kernels by name. */
  static List<ResourceUsage> parse(String text) {
    List<ResourceUsage> out = new ArrayList<>();
    String kernel = "";
    int spilled = 0;
    for (String line : text.lines().toList()) {
      Matcher entry = ENTRY.matcher(line);
      Matcher spills = SPILLS.matcher(line);
      Matcher used = USED.matcher(line);
      if (entry.find()) {
        kernel = entry.group(1);
        spilled = 0;
      } else if (spills.find()) {
        spilled = Integer.parseInt(spills.group(1)) + Integer.parseInt(spills.group(2));
      } else if (used.find()) {
        Matcher shared = SHARED.matcher(used.group(2));
        int bytes = shared.find() ? Integer.parseInt(shared.group(1)) : 0;
        out.add(new ResourceUsage(kernel, Integer.parseInt(used.group(1)), bytes, spilled));
      }
    }
    out.sort(Comparator.comparing(ResourceUsage::kernel));
    return List.copyOf(out);
  }
}

package org.quantcache.tools.doctor;

import java.util.ArrayList;
import java.util.List;

/** Looks at everything that this program can use. */
public final class Doctor {
  private Doctor() {}

  /** What was found, in reading order. */
  public static List<Finding> findings() {
    List<Finding> out = new ArrayList<>(JavaChecks.all());
    out.addAll(CpuChecks.all());
    out.addAll(CudaChecks.all());
    out.addAll(FolderChecks.all());
    out.addAll(ProgramChecks.all());
    return out;
  }
}

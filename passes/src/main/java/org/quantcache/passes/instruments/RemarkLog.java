package org.quantcache.passes.instruments;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.core.Location;
import org.quantcache.passes.core.PassInfo;
import org.quantcache.passes.core.PassInstrument;

/** Collects every remark of a run in order. */
public final class RemarkLog implements PassInstrument {
  private final List<Remark> remarks = new ArrayList<>();

  public List<Remark> remarks() {
    return ImmutableList.copyOf(remarks);
  }

  /** One JSON object a line. */
  public String jsonLines() {
    StringBuilder out = new StringBuilder();
    remarks.forEach(remark -> out.append(remark.json()).append('\n'));
    return out.toString();
  }

  @Override
  public void rewritten(PassInfo pass, String event, Location location, Attributes details) {
    remarks.add(new Remark(pass.name(), event, location.text(), details));
  }

  @Override
  public void missed(PassInfo pass, String event, Location location, String reason) {
    remarks.add(Remark.missed(pass.name(), event, location.text(), reason));
  }

  /** Forgets what was collected. */
  void clear() {
    remarks.clear();
  }
}

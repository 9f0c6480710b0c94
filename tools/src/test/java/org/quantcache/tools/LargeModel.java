package org.quantcache.tools;

import java.util.List;
import java.util.Optional;
import org.quantcache.importers.checkpoint.StditConfig;
import org.quantcache.importers.stdit3.LatentShape;
import org.quantcache.importers.stdit3.SampleRequest;
import org.quantcache.importers.stdit3.StditImporter;
import org.quantcache.ir.core.IrModule;
import org.quantcache.ir.types.ScalarType;

/** The sampler of the largest published model, XL/2, which needs no weights to be lifted. */
public final class LargeModel {
  /** 28 pairs of a spatial and a temporal block. */
  public static final int BLOCKS = 56;

  private static final StditConfig XL_2 =
      new StditConfig(1152, 28, 16, List.of(1, 2, 2), 4, 4.0, true, 4096, 300, true, 512, false);

  private LargeModel() {}

  /** As imported. */
  public static IrModule module() {
    return new StditImporter("xl", XL_2, key -> Optional.of(ScalarType.F32))
        .sample(new SampleRequest(1, new LatentShape(15, 30, 52), true, false, 1000, true, false))
        .finish();
  }
}

package org.quantcache.importers.stdit3;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.quantcache.ir.diagnostics.UserError;

/**
 * One forward pass of the network, function {@code @forward}.
 *
 * @param batch samples in x
 * @param latent sizes of the latent video
 * @param textMaskRows rows of the text mask, a divisor of the batch; 0 without a mask
 * @param frameMask whether a frame mask is given
 * @param taps inner values to give as further results, or the one word {@code all}
 */
public record ForwardRequest(
    int batch, LatentShape latent, int textMaskRows, boolean frameMask, List<String> taps) {
  /** Asks for every tap. */
  public static final String ALL_TAPS = "all";

  public ForwardRequest {
    taps = ImmutableList.copyOf(taps);
    if (batch < 1) {
      throw UserError.of("IM0507", "a batch has at least one sample, found %d", batch);
    }
    if (textMaskRows < 0 || (textMaskRows > 0 && batch % textMaskRows != 0)) {
      throw UserError.of(
          "IM0508", "a text mask of %d rows does not fit a batch of %d", textMaskRows, batch);
    }
  }
}

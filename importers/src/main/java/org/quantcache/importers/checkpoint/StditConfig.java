package org.quantcache.importers.checkpoint;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Locale;
import org.quantcache.ir.diagnostics.UserError;

/**
 * Hyper-parameters of an STDiT3 that change its graph; model section 1. Values are checked by {@link ConfigReader}.
 *
 * @param hiddenSize channels C
 * @param depth number of spatial blocks, and of temporal ones
 * @param heads attention heads; C / heads is even
 * @param patch frames, rows and columns of one patch
 * @param inChannels latent channels
 * @param mlpRatio hidden width of the MLP over C
 * @param predSigma whether the network predicts twice the latent channels
 * @param captionChannels width of the text embedding
 * @param modelMaxLength rows of the null text
 * @param qkNorm whether queries and keys are RMS-normed
 * @param inputSqSize side of the picture at which positions have scale 1
 * @param skipYEmbedder whether text comes projected and packed
 */
public record StditConfig(
    int hiddenSize,
    int depth,
    int heads,
    List<Integer> patch,
    int inChannels,
    double mlpRatio,
    boolean predSigma,
    int captionChannels,
    int modelMaxLength,
    boolean qkNorm,
    int inputSqSize,
    boolean skipYEmbedder) {
  public StditConfig {
    patch = ImmutableList.copyOf(patch);
  }

  /** A model that compiles and runs within a second, for trying things out. */
  public static final StditConfig TINY =
      new StditConfig(32, 2, 2, List.of(1, 2, 2), 4, 4.0, true, 24, 6, true, 512, false);

  /** The published 1.1B model. */
  public static final StditConfig XL_2 =
      new StditConfig(1152, 28, 16, List.of(1, 2, 2), 4, 4.0, true, 4096, 300, true, 512, false);

  /** The 3B variant of the same code. */
  public static final StditConfig THREE_B_2 =
      new StditConfig(1872, 28, 26, List.of(1, 2, 2), 4, 4.0, true, 4096, 300, true, 512, false);

  /** The configuration called {@code tiny}, {@code XL/2} or {@code 3B/2}. @throws UserError IM0205 */
  public static StditConfig preset(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "tiny" -> TINY;
      case "xl/2" -> XL_2;
      case "3b/2" -> THREE_B_2;
      default ->
        throw UserError.of("IM0205", "no model size '%s', expected tiny, XL/2 or 3B/2", name);
    };
  }

  /** Channels of one head. */
  public int headDim() {
    return hiddenSize / heads;
  }

  /** Channels of the prediction. */
  public int outChannels() {
    return predSigma ? 2 * inChannels : inChannels;
  }

  /** Hidden width of the MLP. */
  public int mlpHidden() {
    return (int) (hiddenSize * mlpRatio);
  }

  /** Latent values in one patch. */
  public int patchVolume() {
    return patch.get(0) * patch.get(1) * patch.get(2);
  }
}

package org.quantcache.kernels.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.quantcache.ir.attributes.Attributes;
import org.quantcache.ir.ops.LatentOps;
import org.quantcache.ir.types.ScalarType;
import org.quantcache.kernels.reference.Kernel.Call;
import org.quantcache.kernels.tensor.Tensor;

/** Latents to tokens and back. What lies between the operands and the result is in f32, whatever kind they have. */
final class LatentKernels {
  private LatentKernels() {}

  static void register(Map<String, Kernel> table) {
    table.put(LatentOps.PATCH_EMBED, LatentKernels::patchEmbed);
    table.put(LatentOps.FINAL_STEP, LatentKernels::finalStep);
  }

  /** Where the elements of a sample's patches lie: sizes are those of the latent, of its patches and of their grid. */
  private record Grid(List<Integer> latent, List<Integer> patch, List<Integer> tokens) {
    static Grid of(Tensor latent, Attributes attributes) {
      List<Integer> sizes = new ArrayList<>();
      List<Integer> patch = new ArrayList<>();
      List<Integer> tokens = new ArrayList<>();
      for (int axis = 0; axis < 3; axis++) {
        sizes.add((int) latent.size(axis + 2));
        patch.add(attributes.longs("patch").get(axis).intValue());
        tokens.add((sizes.get(axis) + patch.get(axis) - 1) / patch.get(axis));
      }
      return new Grid(sizes, patch, tokens);
    }

    int volume() {
      return patch.get(0) * patch.get(1) * patch.get(2);
    }

    int count() {
      return tokens.get(0) * tokens.get(1) * tokens.get(2);
    }

    /** Index within a channel of place {@code inner} of the patch of {@code token}; -1 behind the end. */
    int at(int token, int inner) {
      int places = tokens.get(1) * tokens.get(2);
      int[] grid = {token / places, token % places / tokens.get(2), token % tokens.get(2)};
      int area = patch.get(1) * patch.get(2);
      int[] within = {inner / area, inner % area / patch.get(2), inner % patch.get(2)};
      int index = 0;
      for (int axis = 0; axis < 3; axis++) {
        int coordinate = grid[axis] * patch.get(axis) + within[axis];
        if (coordinate >= latent.get(axis)) {
          return -1;
        }
        index = index * latent.get(axis) + coordinate;
      }
      return index;
    }
  }

  private static List<Tensor> patchEmbed(Call call) {
    Tensor z = call.input(0);
    Grid grid = Grid.of(z, call.attributes());
    int volume = grid.volume();
    int samples = (int) z.size(0);
    int inChannels = (int) z.size(1);
    int perChannel = z.count() / Math.max(1, samples * inChannels);
    long width = (long) inChannels * volume;
    Tensor patches =
        Tensor.zeros(ScalarType.F32, List.of((long) samples, (long) grid.count(), width));
    for (int i = 0; i < patches.count(); i++) {
      int inner = i % volume;
      int channel = i / volume % inChannels;
      int row = i / (volume * inChannels);
      int from = grid.at(row % grid.count(), inner);
      int sample = row / grid.count();
      patches.set(i, from < 0 ? 0 : z.get((sample * inChannels + channel) * perChannel + from));
    }
    Tensor rows = LayerKernels.linear(patches, call.input(1), call.input(2).doubles());
    Tensor position = call.input(3);
    Tensor out = Tensor.zeros(call.element(), call.sizes());
    for (int i = 0; i < out.count(); i++) {
      out.set(i, rows.get(i) + position.get(i % position.count()));
    }
    return List.of(out);
  }

  private static List<Tensor> finalStep(Call call) {
    Tensor z = call.input(LatentOps.LATENT);
    Grid grid = Grid.of(z, call.attributes());
    Tensor normed = LayerKernels.normModulate(
        call.input(0).as(ScalarType.F32),
        call.input(1),
        call.input(2),
        call.attributes().real("epsilon"));
    Tensor rows = LayerKernels.linear(normed, call.input(3), call.input(4).doubles());
    int videos = (int) z.size(0);
    int channels = (int) z.size(1);
    int columns = (int) rows.size(-1);
    int perChannel = z.count() / Math.max(1, videos * channels);
    double guidance = call.input(6).get(0);
    Tensor out = Tensor.zeros(z.element(), z.sizes());
    for (int item = 0; item < videos * grid.count(); item++) {
      int video = item / grid.count();
      for (int column = 0; column < columns; column++) {
        int channel = column % (columns / grid.volume());
        int at = grid.at(item % grid.count(), column / (columns / grid.volume()));
        if (channel < channels && at >= 0) {
          double conditional = rows.get(item * columns + column);
          double unconditional = rows.get((videos * grid.count() + item) * columns + column);
          double velocity = unconditional + guidance * (conditional - unconditional);
          int to = (video * channels + channel) * perChannel + at;
          out.set(to, z.get(to) + velocity * call.input(7).get(video));
        }
      }
    }
    return List.of(out);
  }
}

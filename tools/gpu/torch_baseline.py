"""STDiT3 in plain PyTorch: what other programs are measured against.

    python3 torch_baseline.py check FOLDER...            # cases with config, weights, inputs and outputs
    python3 torch_baseline.py time --json F --markdown F # products and attention on the GPU of this machine
    python3 torch_baseline.py sample --model FOLDER --inputs F --out F --variant eager # a whole sampling loop
"""

import argparse
import ctypes
import datetime
import json
import math
import mmap
import pathlib
import statistics
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional

EPSILON = 1e-6
FREQUENCIES = 256
TENSOR_KINDS = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def read_safetensors(path):
    """Tensors by name, views of the mapped file."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    (length,) = struct.unpack("<Q", data[:8])
    out = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            kind = TENSOR_KINDS[entry["dtype"]]
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            # What starts at an odd place, or has no elements, is no view.
            raw = torch.frombuffer(bytearray(data[begin:end]) or bytearray(16), dtype=torch.uint8)[: end - begin]
            if end > begin and begin % kind.itemsize == 0:
                raw = torch.frombuffer(data, dtype=torch.uint8, offset=begin, count=end - begin)
            out[name] = raw.view(kind).reshape(entry["shape"])
    return out


def write_safetensors(path, name, tensor):
    """One tensor of f32."""
    tensor = tensor.float().cpu().contiguous()
    data = ctypes.string_at(tensor.data_ptr(), tensor.nbytes)
    head = json.dumps({name: {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [0, len(data)]}}).encode()
    head += b" " * (-len(head) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(head)) + head + data)


def modulate(x, shift, scale):
    return x * (1 + scale) + shift


def norm(x):
    return functional.layer_norm(x, x.shape[-1:], eps=EPSILON)


class RmsNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + EPSILON)
        return self.weight * wide.to(x.dtype)


class Mlp(nn.Module):
    def __init__(self, channels, hidden, results=None):
        super().__init__()
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, results or channels)

    def forward(self, x):
        return self.fc2(functional.gelu(self.fc1(x), approximate="tanh"))


class SelfAttention(nn.Module):
    """Over the last but one axis; `angles` turn pairs of channels of queries and keys."""

    def __init__(self, channels, heads, qk_norm):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.q_norm = RmsNorm(channels // heads) if qk_norm else nn.Identity()
        self.k_norm = RmsNorm(channels // heads) if qk_norm else nn.Identity()

    def forward(self, x, angles=None):
        batch, length, channels = x.shape
        qkv = self.qkv(x).reshape(batch, length, 3, self.heads, channels // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        q, k = self.q_norm(q), self.k_norm(k)
        if angles is not None:
            q, k = turn(q, angles), turn(k, angles)
        out = functional.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(1, 2).reshape(batch, length, channels))


def turn(x, angles):
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, odd * cos + even * sin), -1).flatten(-2)


class CrossAttention(nn.Module):
    def __init__(self, channels, heads):
        super().__init__()
        self.heads = heads
        self.q_linear = nn.Linear(channels, channels)
        self.kv_linear = nn.Linear(channels, 2 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x, text, bias):
        batch, length, channels = x.shape
        width = channels // self.heads
        q = self.q_linear(x).reshape(batch, length, self.heads, width).transpose(1, 2)
        kv = self.kv_linear(text).reshape(batch, -1, 2, self.heads, width)
        k, v = kv.permute(2, 0, 3, 1, 4)
        out = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.proj(out.transpose(1, 2).reshape(batch, length, channels))


class Block(nn.Module):
    def __init__(self, config, temporal):
        super().__init__()
        channels, heads = config["hidden_size"], config["num_heads"]
        self.temporal = temporal
        self.attn = SelfAttention(channels, heads, config["qk_norm"])
        self.cross_attn = CrossAttention(channels, heads)
        self.mlp = Mlp(channels, int(channels * config["mlp_ratio"]))
        self.scale_shift_table = nn.Parameter(torch.zeros(6, channels))

    def vectors(self, m, m0, kept):
        """Six vectors for each frame; frames that are not denoised have those of time 0."""
        own = (self.scale_shift_table + m.unflatten(1, (6, -1)))[:, None]
        if kept is not None:
            other = (self.scale_shift_table + m0.unflatten(1, (6, -1)))[:, None]
            own = torch.where(kept[:, :, None, None], own, other)
        return own[:, :, :, None].unbind(2)

    def forward(self, x, m, m0, kept, text, bias, angles):
        batch, frames, places, channels = x.shape
        shift, scale, gate, mlp_shift, mlp_scale, mlp_gate = self.vectors(m, m0, kept)
        u = modulate(norm(x), shift, scale)
        if self.temporal:
            u = self.attn(u.transpose(1, 2).reshape(-1, frames, channels), angles)
            u = u.reshape(batch, places, frames, channels).transpose(1, 2)
        else:
            u = self.attn(u.reshape(-1, places, channels)).reshape(x.shape)
        x = x + gate * u
        x = x + self.cross_attn(x.flatten(1, 2), text, bias).reshape(x.shape)
        return x + mlp_gate * self.mlp(modulate(norm(x), mlp_shift, mlp_scale))


class Embedder(nn.Module):
    """Sinusoids of a number through two products."""

    def __init__(self, channels):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(FREQUENCIES, channels), nn.SiLU(), nn.Linear(channels, channels))

    def forward(self, t, kind):
        half = FREQUENCIES // 2
        steps = torch.arange(half, dtype=torch.float32, device=t.device)
        angles = t[:, None].float() * torch.exp(-math.log(10000) * steps / half)
        return self.mlp(torch.cat((angles.cos(), angles.sin()), -1).to(kind))


class CaptionEmbedder(nn.Module):
    def __init__(self, config):
        super().__init__()
        rows, width, channels = config["model_max_length"], config["caption_channels"], config["hidden_size"]
        self.register_buffer("y_embedding", torch.zeros(rows, width))
        self.y_proj = Mlp(width, channels, channels)

    def forward(self, y):
        return self.y_proj(y)


class FinalLayer(nn.Module):
    def __init__(self, channels, results):
        super().__init__()
        self.linear = nn.Linear(channels, results)
        self.scale_shift_table = nn.Parameter(torch.zeros(2, channels))

    def forward(self, x, c, c0, kept):
        shift, scale = (self.scale_shift_table + c[:, None])[:, :, None, None].unbind(1)
        v = modulate(norm(x), shift, scale)
        if kept is not None:
            shift, scale = (self.scale_shift_table + c0[:, None])[:, :, None, None].unbind(1)
            # The norm is that of the modulated value, as in the original.
            v = torch.where(kept[:, :, None, None], v, modulate(norm(v), shift, scale))
        return self.linear(v)


class Stdit3(nn.Module):
    """The network; `config` is a checkpoint's config.json."""

    def __init__(self, config):
        super().__init__()
        defaults = {"qk_norm": False, "pred_sigma": True, "skip_y_embedder": False, "input_sq_size": 512}
        self.config = config = {**defaults, **config}
        channels = config["hidden_size"]
        patch = config["patch_size"]
        self.results = config["in_channels"] * (2 if config["pred_sigma"] else 1)
        self.rope = nn.Module()
        self.rope.freqs = nn.Parameter(
            10000 ** (-torch.arange(0, channels // config["num_heads"], 2).float() / (channels // config["num_heads"]))
        )
        self.x_embedder = nn.Module()
        self.x_embedder.proj = nn.Conv3d(config["in_channels"], channels, patch, patch)
        self.t_embedder = Embedder(channels)
        self.fps_embedder = Embedder(channels)
        self.t_block = nn.Sequential(nn.SiLU(), nn.Linear(channels, 6 * channels))
        self.y_embedder = CaptionEmbedder(config)
        self.spatial_blocks = nn.ModuleList(Block(config, False) for _ in range(config["depth"]))
        self.temporal_blocks = nn.ModuleList(Block(config, True) for _ in range(config["depth"]))
        self.final_layer = FinalLayer(channels, math.prod(patch) * self.results)

    def positions(self, rows, columns, height, width, kind, device):
        quarter = self.config["hidden_size"] // 4
        base = round(math.sqrt(rows * columns))
        scale = math.sqrt(height * width) / self.config["input_sq_size"]
        omega = 10000 ** (-2 * torch.arange(quarter, device=device).float() / (2 * quarter))
        x = torch.arange(columns, device=device).float() / scale * (base / columns)
        y = torch.arange(rows, device=device).float() / scale * (base / rows)
        x = (x[:, None] * omega).expand(rows, columns, quarter)
        y = (y[:, None, None] * omega).expand(rows, columns, quarter)
        return torch.cat((x.sin(), x.cos(), y.sin(), y.cos()), -1).reshape(1, 1, rows * columns, -1).to(kind)

    def text(self, y, mask, y_lens, batch, kind):
        """Text of each sample, padded, and what is added to the scores so that no padding is read."""
        if self.config["skip_y_embedder"]:
            lengths = [int(length) for length in y_lens]
            parts = y.reshape(-1, y.shape[-1]).to(kind).split(lengths)
            return padded(parts, kind)
        e = self.y_embedder(y.to(kind)).squeeze(1)
        if mask is None:
            return e, None
        mask = mask.repeat(batch // mask.shape[0], 1) != 0
        return padded([row[kept] for row, kept in zip(e, mask)], kind)

    def forward(self, x, timestep, y, mask=None, x_mask=None, fps=None, height=None, width=None, y_lens=None):
        kind = self.x_embedder.proj.weight.dtype
        batch, _, frames, rows, columns = x.shape
        size = self.config["patch_size"]
        pads = [-n % p for n, p in zip(x.shape[2:], size)]
        x = functional.pad(x.to(kind), (0, pads[2], 0, pads[1], 0, pads[0]))
        grid = [n // p for n, p in zip(x.shape[2:], size)]
        fps_vector = self.fps_embedder(fps.to(kind).repeat(batch // fps.shape[0]), kind)
        c = self.t_embedder(timestep.to(kind), kind) + fps_vector
        m, c0, m0, kept = self.t_block(c), None, None, None
        if x_mask is not None:
            kept = x_mask.bool()
            c0 = self.t_embedder(torch.zeros_like(timestep).to(kind), kind) + fps_vector
            m0 = self.t_block(c0)
        text, bias = self.text(y, mask, y_lens, batch, kind)
        x = self.x_embedder.proj(x).flatten(3).permute(0, 2, 3, 1)
        x = x + self.positions(grid[1], grid[2], float(height[0]), float(width[0]), kind, x.device)
        angles = torch.arange(grid[0], device=x.device).float()[:, None] * self.rope.freqs.float()
        for spatial, temporal in zip(self.spatial_blocks, self.temporal_blocks):
            x = spatial(x, m, m0, kept, text, bias, None)
            x = temporal(x, m, m0, kept, text, bias, angles)
        x = self.final_layer(x, c, c0, kept)
        x = x.reshape(batch, *grid, *size, self.results).permute(0, 7, 1, 4, 2, 5, 3, 6)
        x = x.reshape(batch, self.results, *(n * p for n, p in zip(grid, size)))
        return x[:, :, :frames, :rows, :columns].float()


def padded(parts, kind):
    most = max(len(part) for part in parts)
    text = torch.stack([functional.pad(part, (0, 0, 0, most - len(part))) for part in parts])
    bias = torch.zeros(len(parts), 1, 1, most, dtype=kind, device=text.device)
    for i, part in enumerate(parts):
        bias[i, :, :, len(part) :] = -math.inf
    return text, bias


def check(folders):
    """Whether cases come out as stored, in f32 on the processor."""
    failed = False
    for folder in map(pathlib.Path, folders):
        model = Stdit3(json.loads((folder / "config.json").read_text())).eval()
        left = model.load_state_dict(read_safetensors(folder / "model.safetensors"), strict=False)
        unknown = [key for key in left.unexpected_keys if not key.startswith(("pos_embed", "rope"))]
        missing = [key for key in left.missing_keys if not key.startswith(("y_embedder", "rope"))]
        inputs = read_safetensors(folder / "inputs.safetensors")
        if "z" in inputs:
            print(f"     {folder.name:12} is a sampling loop; cases of one pass are checked here")
            continue
        expected = read_safetensors(folder / "outputs.safetensors")["output"]
        with torch.inference_mode():
            found = model(**inputs)
        distance = ((found - expected).norm() / expected.norm()).item()
        passed = distance < 2e-5 and not unknown and not missing
        failed = failed or not passed
        print(f"{'ok' if passed else 'NO':4} {folder.name:12} relative L2 {distance:.1e} {unknown or ''}{missing or ''}")
    return 1 if failed else 0


# XL/2 with 64 frames of 512 x 512: one sample, and both of guidance.
HEADS, WIDTH = 16, 72
ROWS = (19456, 38912)
WARM_UP = 3


def milliseconds(work, rounds):
    """Median, as the card takes the times."""
    for _ in range(WARM_UP):
        work()
    found = []
    for _ in range(rounds):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        work()
        end.record()
        end.synchronize()
        found.append(start.elapsed_time(end))
    return statistics.median(found)


def load(folder, device):
    """The network of a checkpoint in bf16."""
    config = json.loads((folder / "config.json").read_text())
    with torch.device("meta"):
        model = Stdit3(config)
    tensors = read_safetensors(folder / "model.safetensors")
    model.load_state_dict(tensors, assign=True)
    return model.to(device, torch.bfloat16).eval()


def loop(network, z, fixed, times, sizes, guidance):
    """Guided sampling by rectified flow from noise at given times; both halves of guidance in one batch."""
    for t, size in zip(times, sizes):
        v = network(z.repeat(2, 1, 1, 1, 1), t.repeat(2), **fixed)[:, : z.shape[1]]
        z = z + (v[:1] * guidance + v[1:] * (1 - guidance)) * size
    return z


def sample(folder, inputs_file, variant, rounds, device, out):
    """Seconds of a loop and from nothing loaded to the first latents, as one line of JSON."""
    cuda = device == "cuda"
    wait = torch.cuda.synchronize if cuda else lambda: None
    if cuda:
        if not torch.cuda.is_available():
            raise SystemExit("PyTorch finds no GPU")
        torch.zeros(1, device=device)
        torch.cuda.reset_peak_memory_stats()
    with torch.inference_mode():
        start = time.perf_counter()
        model = load(pathlib.Path(folder), device)
        network = torch.compile(model) if variant == "compiled" else model
        inputs = read_safetensors(inputs_file)

        def run():
            text = torch.cat((inputs["y"][:, 0].to(device), model.y_embedder.y_embedding[None].float()))[:, None]
            fixed = {
                "y": text,
                "fps": inputs["fps"].to(device),
                "height": inputs["height"].tolist(),
                "width": inputs["width"].tolist(),
            }
            moments = (inputs["times"].to(device), inputs["step_sizes"].to(device))
            return loop(network, inputs["z"].to(device), fixed, *moments, inputs["guidance"].item()).cpu()

        latents = run()
        wait()
        whole = time.perf_counter() - start
        spent = []
        for _ in range(rounds):
            start = time.perf_counter()
            run()
            wait()
            spent.append(time.perf_counter() - start)
    write_safetensors(out, "output", latents)
    found = {
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "loop_s": statistics.median(spent),
        "end_to_end_s": whole,
    }
    if cuda:
        found["memory_mib"] = torch.cuda.max_memory_reserved() >> 20
    print(json.dumps(found))
    return 0


def time_products(rounds):
    out = []
    for rows in ROWS:
        for k, n in ((1152, 3456), (1152, 1152), (1152, 4608), (4608, 1152)):
            a = torch.randn(rows, k, device="cuda", dtype=torch.bfloat16)
            w = torch.randn(n, k, device="cuda", dtype=torch.bfloat16)
            b = torch.randn(n, device="cuda", dtype=torch.bfloat16)
            spent = milliseconds(lambda: functional.linear(a, w, b), rounds)
            out.append(rate(f"gemm bf16 {k} x {n}", rows, "TFLOP/s", 2 * rows * k * n, spent))
            a8 = torch.randint(-128, 128, (rows, k), device="cuda", dtype=torch.int8)
            w8 = torch.randint(-128, 128, (n, k), device="cuda", dtype=torch.int8)
            spent = milliseconds(lambda: torch._int_mm(a8, w8.t()), rounds)
            out.append(rate(f"gemm int8 to int32 {k} x {n}", rows, "TOP/s", 2 * rows * k * n, spent))
    return out


def time_attention(rounds):
    out = []
    heads, width = HEADS, WIDTH
    for rows in ROWS:
        for name, queries, keys in (
            ("attention in space, 1024 places", 1024, 1024),
            ("attention in time, 19 places", 19, 19),
            ("attention in time, 16 places", 16, 16),
            ("attention to 300 tokens", 19456, 300),
        ):
            q = torch.randn(rows // queries, heads, queries, width, device="cuda", dtype=torch.bfloat16)
            k = torch.randn(rows // queries, heads, keys, width, device="cuda", dtype=torch.bfloat16)
            v = torch.randn_like(k)
            spent = milliseconds(lambda: functional.scaled_dot_product_attention(q, k, v), rounds)
            if queries == keys < 64:
                # Few products for what is read and written, 16 bits each.
                out.append(rate(name, rows, "GB/s", 4 * rows * heads * width * 2, spent))
            else:
                out.append(rate(name, rows, "TFLOP/s", 4 * rows * keys * heads * width, spent))
    return out


def rate(what, rows, unit, work, spent):
    """Work in so many milliseconds."""
    size = 1e9 if unit == "GB/s" else 1e12
    return {"what": what, "rows": rows, "unit": unit, "value": work / (spent / 1e3) / size}


def measure(rounds, json_file, markdown_file):
    if not torch.cuda.is_available():
        print("no GPU: PyTorch finds none")
        return 0
    properties = torch.cuda.get_device_properties(0)
    facts = {
        "device": properties.name,
        "compute_capability": f"{properties.major}.{properties.minor}",
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "command": " ".join(["torch_baseline.py", *sys.argv[1:]]),
        "rounds": rounds,
    }
    # cuBLASLt picks its kernel for each size; products of bytes go there in any case.
    if hasattr(torch.backends.cuda, "preferred_blas_library"):
        torch.backends.cuda.preferred_blas_library("cublaslt")
    with torch.inference_mode():
        facts["rows"] = [*time_products(rounds), *time_attention(rounds)]
    lines = [f"{facts['device']}, PyTorch {facts['torch']}, CUDA {facts['cuda']}, {facts['date']}.", ""]
    lines += ["| what | rows | unit | value |", "|---|---|---|---|"]
    lines += [f"| {r['what']} | {r.get('rows', '-')} | {r['unit']} | {r['value']:.2f} |" for r in facts["rows"]]
    print("\n".join(lines))
    if json_file:
        pathlib.Path(json_file).write_text(json.dumps(facts, indent=2) + "\n")
    if markdown_file:
        pathlib.Path(markdown_file).write_text("\n".join(lines) + "\n")
    return 0


def main():
    parser = argparse.ArgumentParser(description="STDiT3 in plain PyTorch.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    cases = verbs.add_parser("check", help="compare stored cases, in f32 on the processor")
    cases.add_argument("folders", nargs="+")
    times = verbs.add_parser("time", help="measure on the GPU of this machine")
    times.add_argument("--rounds", type=int, default=31)
    times.add_argument("--json")
    times.add_argument("--markdown")
    loops = verbs.add_parser("sample", help="time a whole sampling loop")
    loops.add_argument("--model", required=True, help="folder of a checkpoint")
    loops.add_argument("--inputs", required=True, help="safetensors: z, y, fps, height, width, guidance, times, step_sizes")
    loops.add_argument("--out", required=True, help="safetensors to write: the latents")
    loops.add_argument("--variant", choices=("eager", "compiled"), default="eager")
    loops.add_argument("--rounds", type=int, default=3)
    loops.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    options = parser.parse_args()
    if options.verb == "check":
        return check(options.folders)
    if options.verb == "sample":
        return sample(options.model, options.inputs, options.variant, options.rounds, options.device, options.out)
    return measure(options.rounds, options.json, options.markdown)


if __name__ == "__main__":
    sys.exit(main())

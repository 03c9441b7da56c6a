"""PyTorch's side: the same ops on the same weights, called eagerly one by one."""
import base64, json, os, sys, time
import numpy as np
import torch
import torch.nn.functional as F

threads, folder = int(sys.argv[1]), sys.argv[2]
last = "channels-last" in sys.argv
clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter
torch.set_num_threads(threads)


def laid_out(x):
    """Planes and volumes in the memory layout that is measured."""
    if not last or x.dim() < 4:
        return x.contiguous()
    return x.contiguous(memory_format=torch.channels_last if x.dim() == 4 else torch.channels_last_3d)


def load(name):
    plan = json.load(open(f"{folder}/{name}.json"))
    numbers = {}
    for entry in plan["numbers"]:
        array = np.frombuffer(base64.b64decode(entry["data"]), dtype=entry["type"]).reshape(entry["dims"]).copy()
        numbers[entry["name"]] = torch.from_numpy(array) if entry["type"] == "float32" else array.tolist()
    makers = {node["output"]: node for node in plan["nodes"]}
    for node in plan["nodes"]:
        # ONNX shuffles depth in another order than pixel_shuffle: the filters before it are put into that order once.
        if node["op"] == "DepthToSpace":
            conv, b = makers[node["input"][0]], node["at"]["blocksize"]
            for key in conv["input"][1:]:
                w = numbers[key]
                numbers[key] = w.reshape(b * b, -1, *w.shape[1:]).transpose(0, 1).reshape(w.shape).contiguous()
    for key, value in numbers.items():
        if torch.is_tensor(value):
            numbers[key] = laid_out(value)
    image = torch.from_numpy(np.fromfile(f"{folder}/{name}.raw", dtype="float32").reshape(1, 1, *plan["size"]))
    return plan["nodes"], numbers, laid_out(image)


def resize(x, scales, at):
    factors = tuple(float(scale) for scale in (scales.tolist() if torch.is_tensor(scales) else scales)[2:])
    if at["mode"] == "nearest":
        return F.interpolate(x, scale_factor=factors, mode="nearest")
    # PyTorch's bicubic has a = -0.75; antialiasing, which changes nothing when enlarging, has the -0.5 of MATLAB.
    return F.interpolate(x, scale_factor=factors, mode="bicubic", align_corners=False, antialias=True)


CONV = {2: F.conv2d, 3: F.conv3d}
CONV_TRANSPOSE = {2: F.conv_transpose2d, 3: F.conv_transpose3d}
MAX_POOL = {2: F.max_pool2d, 3: F.max_pool3d}


def sides(at, rank):
    pads = at.get("pads", [0] * 2 * rank)
    return pads[:rank], pads[rank:]


def conv(x, at, w, b=None):
    rank = x.dim() - 2
    before, after = sides(at, rank)
    assert before == after
    return CONV[rank](x, w, b, stride=at["strides"], padding=tuple(before))


def conv_transpose(x, at, w, b=None):
    # Uneven paddings: the full output is cut.
    rank = x.dim() - 2
    before, after = sides(at, rank)
    y = CONV_TRANSPOSE[rank](x, w, b, stride=at["strides"], output_padding=at.get("output_padding", 0))
    inside = [slice(first, length - end) for first, length, end in zip(before, y.shape[2:], after)]
    return y[(slice(None), slice(None), *inside)]


def max_pool(x, at):
    before, after = sides(at, x.dim() - 2)
    assert not any(before) and not any(after)
    return MAX_POOL[x.dim() - 2](x, at["kernel_shape"], at["strides"])


def reshape(x, lengths):
    """A length of 0 is that of the input."""
    return x.reshape([x.shape[axis] if length == 0 else length for axis, length in enumerate(lengths)])


def concat(parts, axis):
    # Lengths are lists of whole numbers.
    return torch.cat(parts, axis) if torch.is_tensor(parts[0]) else sum(parts, [])


def multiply(x, y):
    return x * y if torch.is_tensor(x) else [a * b for a, b in zip(x, y)]


def pad(x, pads, at):
    return F.pad(x, (pads[3], pads[7], pads[2], pads[6]), mode=at["mode"])


def run(nodes, numbers, image):
    values = {**numbers, "lr": image}
    left = {}
    for node in nodes:
        for key in node["input"]:
            left[key] = left.get(key, 0) + 1
    for node in nodes:
        op, at = node["op"], node["at"]
        args = [values[key] if key else None for key in node["input"]]
        x = args[0]
        if op == "Conv": y = conv(x, at, *args[1:])
        elif op == "ConvTranspose": y = conv_transpose(x, at, *args[1:])
        elif op == "Relu": y = F.relu(x)
        elif op == "PRelu": y = F.prelu(x, args[1].reshape(-1))
        elif op == "Add": y = x + args[1]
        elif op == "Mul": y = multiply(x, args[1])
        elif op == "Shape": y = list(x.shape)[at.get("start", 0) : at.get("end")]
        elif op == "Concat": y = concat(args, at["axis"])
        elif op == "Reshape": y = reshape(x, args[1])
        elif op == "Transpose": y = x.permute(at["perm"])
        elif op == "MaxPool": y = max_pool(x, at)
        elif op == "Tanh": y = torch.tanh(x)
        elif op == "DepthToSpace": y = F.pixel_shuffle(x, at["blocksize"])
        elif op == "Resize": y = resize(x, args[2], at)
        elif op == "InstanceNormalization": y = F.instance_norm(x, eps=at["epsilon"])
        elif op == "Pad": y = pad(x, args[1], at)
        else: raise NotImplementedError(op)
        values[node["output"]] = y
        # As a module's forward would, values go when their last reader has run.
        for key in node["input"]:
            left[key] -= 1
            if key and left[key] == 0 and key not in numbers:
                del values[key]
    return values["sr"]


model = sr = None
for line in sys.stdin:
    verb, *rest = line.split()
    start = clock()
    with torch.inference_mode():
        if verb == "prepare": model = load(rest[0])
        elif verb == "run": sr = run(*model)
    print(float(sr.double().mean()) if verb == "sum" else (clock() - start) * 1000, flush=True)

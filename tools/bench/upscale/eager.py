"""PyTorch's side: the same ops on the same weights, called eagerly one by one."""
import base64, json, sys, time
import numpy as np
import torch
import torch.nn.functional as F

threads, folder = int(sys.argv[1]), sys.argv[2]
memory = torch.channels_last if "channels-last" in sys.argv else torch.contiguous_format
torch.set_num_threads(threads)


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
        if torch.is_tensor(value) and value.dim() == 4:
            numbers[key] = value.contiguous(memory_format=memory)
    image = torch.from_numpy(np.fromfile(f"{folder}/{name}.raw", dtype="float32").reshape(1, 1, plan["side"], plan["side"]))
    return plan["nodes"], numbers, image.contiguous(memory_format=memory)


def resize(x, scales, at):
    factor = int(scales[2])
    if at["mode"] == "nearest":
        return F.interpolate(x, scale_factor=factor, mode="nearest")
    # PyTorch's bicubic has a = -0.75; antialiasing, which changes nothing when enlarging, has the -0.5 of MATLAB.
    return F.interpolate(x, scale_factor=factor, mode="bicubic", align_corners=False, antialias=True)


def conv(x, at, w, b=None):
    top, left, bottom, right = at.get("pads", [0, 0, 0, 0])
    assert top == bottom and left == right
    return F.conv2d(x, w, b, stride=at["strides"], padding=(top, left))


def conv_transpose(x, at, w, b=None):
    # Uneven paddings: the full output is cut.
    top, left, bottom, right = at["pads"]
    y = F.conv_transpose2d(x, w, b, stride=at["strides"], output_padding=at.get("output_padding", 0))
    return y[:, :, top : y.shape[2] - bottom, left : y.shape[3] - right]


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
        elif op == "Mul": y = x * args[1]
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
    start = time.perf_counter()
    with torch.inference_mode():
        if verb == "prepare": model = load(rest[0])
        elif verb == "run": sr = run(*model)
    print(float(sr.double().mean()) if verb == "sum" else (time.perf_counter() - start) * 1000, flush=True)

"""Weights of a PyTorch file (.pth, .pt) as safetensors: names and shapes as they are, float32.

    python tools/convert/torch_to_safetensors.py rlfn_x4.pth rlfn_x4.safetensors
    npx lacuna import rlfn_x4.safetensors --model rlfn --factor 4 --channels 3 --range 0,255 --out rlfn_x4

Needs Python alone, not PyTorch. A .pth is a pickle, which may run anything: here only tensors are read, whatever else the
file asks for is refused.
"""

import collections
import json
import os
import pickle
import struct
import sys
import zipfile

# Numbers by the name of PyTorch's storage: the letter of `struct`, bytes.
KINDS = {"FloatStorage": ("f", 4), "HalfStorage": ("e", 2), "DoubleStorage": ("d", 8), "LongStorage": ("q", 8)}


class Storage(collections.namedtuple("Storage", "kind key")):
    """Numbers of the file, not read yet."""


class Tensor(collections.namedtuple("Tensor", "storage offset shape stride")):
    """A part of a storage with its shape."""


def rebuild_tensor(storage, offset, shape, stride, *_):
    return Tensor(storage, offset, tuple(shape), tuple(stride))


class Weights(pickle.Unpickler):
    """Reads tensors and containers, and refuses all else."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return rebuild_tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda tensor, *_: tensor
        if module == "torch" and name in KINDS:
            return name
        raise SystemExit(f"{module}.{name} in the file: only tensors are read; save a state_dict alone")

    def persistent_load(self, entry):
        _, kind, key, *_ = entry
        return Storage(kind, key)


def flat(found, prefix=""):
    """Tensors by name, those of inner maps with the map's name before theirs."""
    for name, value in found.items():
        if isinstance(value, Tensor):
            yield f"{prefix}{name}", value
        elif isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")


def contiguous(shape):
    strides = []
    step = 1
    for length in reversed(shape):
        strides.insert(0, step)
        step *= length
    return tuple(strides)


def values_of(archive, root, name, tensor):
    """The numbers of a tensor as little-endian float32."""
    if tensor.storage.kind not in KINDS:
        raise SystemExit(f"{name}: numbers of type {tensor.storage.kind}; save it as float32")
    if tensor.stride != contiguous(tensor.shape) and all(length > 1 for length in tensor.shape):
        raise SystemExit(f"{name}: not contiguous; save it after .contiguous()")
    letter, size = KINDS[tensor.storage.kind]
    count = 1
    for length in tensor.shape:
        count *= length
    data = archive.read(f"{root}/data/{tensor.storage.key}")
    numbers = struct.unpack_from(f"<{count}{letter}", data, tensor.offset * size)
    return struct.pack(f"<{count}f", *numbers)


def convert(source, target):
    if not zipfile.is_zipfile(source):
        raise SystemExit(f"{source}: not a file of PyTorch 1.6 or later; save it anew with torch.save")
    with zipfile.ZipFile(source) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        root = pickles[0].rsplit("/", 1)[0]
        with archive.open(pickles[0]) as file:
            found = Weights(file).load()
        header, parts, offset = {}, [], 0
        for name, tensor in flat(found):
            part = values_of(archive, root, name, tensor)
            header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(part)]}
            parts.append(part)
            offset += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    # The file appears under its name whole or not at all.
    with open(f"{target}.part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
    os.replace(f"{target}.part", target)
    print(f"{target}: {len(parts)} tensors, {offset // 4:,} numbers")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    convert(sys.argv[1], sys.argv[2])

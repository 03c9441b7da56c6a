"""Compact storage: arrays as base64 of zlib, masks packed to bits first, with the SHA-256 of what was packed."""
import base64
import hashlib
import json
import zlib

import numpy as np


def pack(array):
    array = np.ascontiguousarray(array)
    if array.dtype == bool:
        kind, raw = "bits", np.packbits(array.ravel(), bitorder="little").tobytes()
    else:
        kind, raw = array.dtype.newbyteorder("<").str[1:], array.astype(array.dtype.newbyteorder("<")).tobytes()
    return {
        "kind": kind,
        "shape": list(array.shape),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "data": base64.b64encode(zlib.compress(raw, 9)).decode(),
    }


def number(value):
    """JSON has no infinities."""
    value = float(value)
    return value if np.isfinite(value) else str(value)


def write(path, versions, command, cases):
    with open(path, "w") as file:
        json.dump({"command": command, "versions": versions, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


def unpack(packed):
    """An array of numbers that pack() made."""
    return np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), "<" + packed["kind"]).reshape(packed["shape"])


def stored(path):
    """The cases of a file of vectors."""
    with open(path) as file:
        return json.load(file)["cases"]

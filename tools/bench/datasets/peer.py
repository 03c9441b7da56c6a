"""The peer of read.mjs: makes the files, then reads them with tifffile, and cuts patches with NumPy, on request."""
import sys, time
from pathlib import Path

import numpy as np
import tifffile

what, folder = sys.argv[1], Path(sys.argv[2])
if what == "make":
    y, x = np.mgrid[0:2048, 0:2048]
    noise = np.random.default_rng(1).integers(0, 64, (2048, 2048))
    image = ((x * 7 + y * 3) % 40000 + noise).astype(np.uint16)
    tifffile.imwrite(folder / "plain.tif", image)
    tifffile.imwrite(folder / "lzw.tif", image, compression="lzw", predictor=True)
    tifffile.imwrite(folder / "deflate.tif", image, compression="zlib", predictor=True, tile=(256, 256))
    tifffile.imwrite(folder / "stack.ome.tif", np.stack([image[:512, :512]] * 64), metadata={"axes": "ZYX"})
    sys.exit()

field = (np.arange(2048 * 2048) * 61 % 251).astype(np.float32).reshape(2048, 2048)
rng = np.random.default_rng(1)


def patches():
    out = np.empty((64, 64, 64), np.float32)
    for i in range(64):
        y, x = rng.integers(0, 2048 - 64 + 1, 2)
        patch = field[y : y + 64, x : x + 64]
        if rng.random() < 0.5:
            patch = patch[:, ::-1]
        if rng.random() < 0.5:
            patch = patch[::-1]
        if rng.random() < 0.5:
            patch = patch.T
        out[i] = patch
    return out


for line in sys.stdin:
    task = line.strip()
    start = time.perf_counter()
    patches() if task == "patches" else tifffile.imread(folder / task).astype(np.float32)
    print((time.perf_counter() - start) * 1e3, flush=True)

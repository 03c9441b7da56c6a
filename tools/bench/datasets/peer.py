"""The peer of read.mjs: makes the files, then reads them with tifffile, and cuts patches with NumPy, on request."""
import resource, sys, time
from pathlib import Path

import imageio.v3 as imageio
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
    tifffile.imwrite(folder / "lzw-strips.tif", image, compression="lzw")
    tifffile.imwrite(folder / "zstd.tif", image, compression="zstd", tile=(256, 256))
    imageio.imwrite(folder / "photo.png", image)
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


opened = {}


def region(name, index):
    """512 x 512 of a file that stays open, through tifffile's Zarr store."""
    import zarr

    if name not in opened:
        opened[name] = zarr.open(tifffile.TiffFile(folder / name).aszarr(), mode="r")
    x, y = index * 397 % 1536, index * 631 % 1536
    return opened[name][y : y + 512, x : x + 512].astype(np.float32)


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e3


def read(name):
    if name.endswith(".png"):
        from skimage import io

        return io.imread(folder / name).astype(np.float32)
    return tifffile.imread(folder / name).astype(np.float32)


for count, line in enumerate(sys.stdin):
    task = line.strip().removesuffix(" into a kept array")
    before, start = cpu(), time.perf_counter()
    if task == "patches":
        patches()
    elif task.startswith("region of "):
        region(task[10:], count)
    else:
        read(task)
    print((time.perf_counter() - start) * 1e3, cpu() - before, flush=True)

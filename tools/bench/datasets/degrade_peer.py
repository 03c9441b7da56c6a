"""The peer of degrade.mjs: the same degradations with the fastest calls of SciPy, scikit-image and NumPy, on request."""
import sys, time

import numpy as np
from scipy import ndimage
from skimage.transform import downscale_local_mean, resize

rng = np.random.default_rng(1)
hr = rng.random((2048, 2048), dtype=np.float32)


def confocal(noise):
    lr = ndimage.gaussian_filter(hr, 1, mode="nearest")[2::4, 2::4]
    if noise:
        lr = rng.poisson(60 * lr) / 60 + 0.02 * rng.standard_normal(lr.shape)
    return np.ascontiguousarray(lr, dtype=np.float32)


def ct(noise):
    lr = downscale_local_mean(ndimage.gaussian_filter(hr, 1, mode="nearest"), (4, 4))
    if noise:
        grain = ndimage.gaussian_filter(rng.standard_normal(lr.shape, dtype=np.float32), 0.7)
        lr = lr + 0.02 / grain.std() * grain
    return lr.astype(np.float32)


tasks = {
    "confocal": lambda: confocal(True),
    "confocal, no noise": lambda: confocal(False),
    "ct": lambda: ct(True),
    "ct, no noise": lambda: ct(False),
    "bicubic": lambda: resize(hr, (512, 512), order=3, anti_aliasing=True, mode="symmetric"),
}
for line in sys.stdin:
    start = time.perf_counter()
    tasks[line.strip()]()
    print((time.perf_counter() - start) * 1e3, flush=True)

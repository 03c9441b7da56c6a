"""The references' side of the benchmark: reads arrays once, then answers `CASE` lines on stdin with milliseconds."""
import json
import sys
import time
import warnings

import gudhi
import numpy as np
import skan
from scipy import ndimage as ndi
from skimage import filters, metrics, morphology

warnings.filterwarnings("ignore")
folder, shape = sys.argv[1], tuple(json.loads(sys.argv[2]))
a = np.fromfile(f"{folder}/a.f4", "<f4").reshape(shape).astype(np.float64)
b = np.fromfile(f"{folder}/b.f4", "<f4").reshape(shape).astype(np.float64)
mask = np.fromfile(f"{folder}/mask.u1", np.uint8).reshape(shape).astype(bool)
skeleton = np.fromfile(f"{folder}/skeleton.u1", np.uint8).reshape(shape).astype(bool)
full = np.ones((3,) * len(shape), bool)


def betti():
    complex_ = gudhi.CubicalComplex(top_dimensional_cells=np.where(np.pad(mask, 1), 0.0, 1.0))
    complex_.compute_persistence(homology_coeff_field=2, min_persistence=-1)
    return complex_.persistent_betti_numbers(0.5, 0.5)


cases = {
    "psnr": lambda: metrics.peak_signal_noise_ratio(a, b, data_range=1),
    "ssim": lambda: metrics.structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1),
    "otsu": lambda: filters.threshold_otsu(a),
    "components": lambda: ndi.label(mask, full),
    "distance transform": lambda: ndi.distance_transform_edt(mask),
    "betti numbers": betti,
    "thinning": lambda: morphology.skeletonize(mask),
    "skeleton graph": lambda: skan.summarize(skan.Skeleton(skeleton), separator="-"),
}
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    cases[line.strip()]()
    print((time.perf_counter() - start) * 1e3, flush=True)

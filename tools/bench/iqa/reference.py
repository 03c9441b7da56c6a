"""The references' side of the benchmark: reads arrays once, then answers names of cases on stdin with milliseconds.

Runs in the environment of scikit-image, gudhi and skan, and in that of piq, with what of them is there; says first which
cases it knows.
"""
import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")
folder, shape = sys.argv[1], tuple(json.loads(sys.argv[2]))
a = np.fromfile(f"{folder}/a.f4", "<f4").reshape(shape).astype(np.float64)
b = np.fromfile(f"{folder}/b.f4", "<f4").reshape(shape).astype(np.float64)
mask = np.fromfile(f"{folder}/mask.u1", np.uint8).reshape(shape).astype(bool)
other = np.fromfile(f"{folder}/other.u1", np.uint8).reshape(shape).astype(bool)
skeleton = np.fromfile(f"{folder}/skeleton.u1", np.uint8).reshape(shape).astype(bool)
plane = len(shape) == 2
cases = {}


def with_scikit_image():
    from scipy import ndimage as ndi
    from skimage import filters, measure, metrics, morphology

    full = np.ones((3,) * len(shape), bool)

    return {
        "mse": lambda: metrics.mean_squared_error(a, b),
        "psnr": lambda: metrics.peak_signal_noise_ratio(a, b, data_range=1),
        "nrmse": lambda: metrics.normalized_root_mse(a, b),
        # A volume is scored plane by plane, as ours is.
        "ssim": lambda: [metrics.structural_similarity(p, q, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1) for p, q in ([(a, b)] if plane else zip(a, b))],
        "otsu": lambda: filters.threshold_otsu(a),
        "smoothing": lambda: filters.gaussian(a, 1 if plane else (0, 1, 1)),
        "components": lambda: ndi.label(mask, full),
        "euler number": lambda: measure.euler_number(mask, len(shape)),
        "distance transform": lambda: ndi.distance_transform_edt(mask),
        "hausdorff": lambda: metrics.hausdorff_distance(mask, other),
        "thinning": lambda: morphology.skeletonize(mask),
    }


def with_gudhi():
    import gudhi

    def betti():
        complex_ = gudhi.CubicalComplex(top_dimensional_cells=np.where(np.pad(mask, 1), 0.0, 1.0))
        complex_.compute_persistence(homology_coeff_field=2, min_persistence=-1)
        return complex_.persistent_betti_numbers(0.5, 0.5)

    return {"betti numbers": betti}


def with_skan():
    import skan

    return {"skeleton graph": lambda: skan.summarize(skan.Skeleton(skeleton), separator="-")}


def with_piq():
    import piq
    import torch

    x, y = (torch.from_numpy(v[None, None]) for v in (a, b))
    if not plane:
        # Planes of a volume are a batch.
        x, y = (v[0].permute(1, 0, 2, 3) for v in (x, y))
        return {"ssim": lambda: piq.ssim(x, y, data_range=1.0, downsample=False)}
    return {
        "ssim": lambda: piq.ssim(x, y, data_range=1.0, downsample=False),
        "ms-ssim": lambda: piq.multi_scale_ssim(x, y, data_range=1.0),
        "gmsd": lambda: piq.gmsd(x, y, data_range=1.0),
        "vif": lambda: piq.vif_p(x, y, data_range=1.0),
    }


for make in (with_scikit_image, with_gudhi, with_skan, with_piq):
    try:
        cases.update(make())
    except ImportError:
        continue
print(json.dumps(list(cases)), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    cases[line.strip()]()
    print((time.perf_counter() - start) * 1e3, flush=True)

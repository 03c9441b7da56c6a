"""NIQE by BasicSR's own code, on the images of niqe.json. The package itself asks for more than its metric needs: its source files are read alone."""
import sys
import tarfile
import tempfile
import types

import numpy as np
from scipy import ndimage

from store import number, stored, unpack

FILES = ("metrics/niqe.py", "metrics/metric_util.py", "metrics/niqe_pris_params.npz", "utils/matlab_functions.py")


def load(archive):
    folder = tempfile.mkdtemp()
    with tarfile.open(archive) as tar:
        for name in FILES:
            tar.extract(f"basicsr-1.4.2/basicsr/{name}", folder, filter="data")
    # What its imports reach for and NIQE of a grey plane does not use; scipy.ndimage.filters was renamed since.
    for name, path in (("basicsr", ""), ("basicsr.metrics", "metrics"), ("basicsr.utils", "utils")):
        module = sys.modules[name] = types.ModuleType(name)
        module.__path__ = [f"{folder}/basicsr-1.4.2/basicsr/{path}"]
    sys.modules["basicsr.utils"].bgr2ycbcr = None
    registry = sys.modules["basicsr.utils.registry"] = types.ModuleType("registry")
    registry.METRIC_REGISTRY = types.SimpleNamespace(register=lambda: lambda f: f)
    sys.modules["cv2"] = types.ModuleType("cv2")
    filters = sys.modules["scipy.ndimage.filters"] = types.ModuleType("filters")
    filters.convolve = ndimage.convolve
    from basicsr.metrics.niqe import calculate_niqe
    return calculate_niqe


def niqe_cases(folder, archive):
    niqe = load(archive)
    for case in stored(folder / "niqe.json"):
        image = unpack(case["image"]).astype(np.float64) * 255 / case["dataRange"]
        yield {"name": case["name"], "sha256": case["image"]["sha256"], "niqe": number(niqe(image, 0, input_order="HW"))}

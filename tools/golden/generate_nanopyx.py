"""Writes nanopyx.json: decorrelation analysis and resolution-scaled errors by NanoPyx, on images of other files. usage: generate_nanopyx.py OUT_FOLDER (see generate.sh)"""
import importlib.metadata
import pathlib
import sys

import numpy as np
from nanopyx.core.analysis.decorr import DecorrAnalysis
from nanopyx.core.transform.error_map import ErrorMap

from store import number, stored, unpack, write

VERSIONS = {name: importlib.metadata.version(name) for name in ("numpy", "nanopyx")}


def decorrelation_cases(folder):
    """Images with a resolution: NanoPyx pads to a power of two, and so finds one in white noise too."""
    for case in stored(folder / "decorrelation.json"):
        if case["name"].startswith("lens") or case["name"].startswith("u1"):
            analysis = DecorrAnalysis()
            analysis.run_analysis(unpack(case["image"]).astype(np.float32))
            yield {"measure": "decorrelation", "name": case["name"], "sha256": case["image"]["sha256"], "resolution": number(analysis.resolution)}


def error_cases(folder):
    """At a fixed sigma: its search of sigma has no bounds and ends at negative ones."""
    for case in stored(folder / "pixels.json"):
        for sigma in (1, 2):
            errors = ErrorMap()
            errors.optimise(*(unpack(case[role]).astype(np.float32) for role in ("reference", "estimate")), sigma)
            yield {"measure": "squirrel", "name": case["name"], "sha256": case["reference"]["sha256"], "sigma": sigma, "rse": number(errors.getRSE()), "rsp": number(errors.getRSP())}


folder = pathlib.Path(sys.argv[1])
write(folder / "nanopyx.json", VERSIONS, "tools/golden/generate.sh", [*decorrelation_cases(folder), *error_cases(folder)])

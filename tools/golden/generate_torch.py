"""Writes piq.json, values of piq in float64. usage: generate_torch.py OUT_FOLDER (see generate.sh)"""
import importlib.metadata
import pathlib
import sys

import numpy as np
import piq
import torch

import pictures as p
from store import number, pack, write

VERSIONS = {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "torch", "piq")}


def cases():
    for seed, shape, kind, span in ((81, (176, 192), "u1", 255), (83, (171, 163), "u1", 255)):
        a = p.grey(seed, shape, kind)
        b = p.degraded(180 + seed, a)
        x, y = (torch.tensor(v.astype(np.float64) / span)[None, None] for v in (a, b))
        yield {
            "name": f"{kind} {shape[1]} x {shape[0]}", "dataRange": span, "reference": pack(a), "estimate": pack(b),
            "ssim": number(piq.ssim(x, y, data_range=1.0, downsample=False)), "msSsim": number(piq.multi_scale_ssim(x, y, data_range=1.0)),
            "gmsd": number(piq.gmsd(x, y, data_range=1.0)), "vif": number(piq.vif_p(y, x, data_range=1.0)),
        }


write(pathlib.Path(sys.argv[1]) / "piq.json", VERSIONS, "tools/golden/generate.sh", list(cases()))

"""Writes piq.json, values of piq in float64, and basicsr.json, NIQE of BasicSR. usage: generate_torch.py OUT_FOLDER BASICSR.tar.gz (see generate.sh)"""
import importlib.metadata
import pathlib
import sys

import numpy as np
import piq
import torch

import pictures as p
from basicsr_niqe import niqe_cases
from store import number, pack, write

VERSIONS = {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "torch", "piq")}


def cases():
    for seed, shape, kind, span in ((81, (176, 192), "u1", 255), (83, (171, 163), "u1", 255), (84, (176, 176), "u2", 4095), (85, (176, 176), "f4", 1)):
        a = p.grey(seed, shape, kind)
        b = p.degraded(180 + seed, a)
        if kind == "f4":
            # Steps of 1/512 pack well.
            a, b = (np.round(v * 512) / np.float32(512) for v in (a, b))
        x, y = (torch.tensor(v.astype(np.float64) / span)[None, None] for v in (a, b))
        yield {
            "name": f"{kind} {shape[1]} x {shape[0]}", "dataRange": span, "reference": pack(a), "estimate": pack(b),
            "ssim": number(piq.ssim(x, y, data_range=1.0, downsample=False)), "msSsim": number(piq.multi_scale_ssim(x, y, data_range=1.0)),
            "gmsd": number(piq.gmsd(x, y, data_range=1.0)), "vif": number(piq.vif_p(y, x, data_range=1.0)),
        }


folder = pathlib.Path(sys.argv[1])
write(folder / "piq.json", VERSIONS, "tools/golden/generate.sh", list(cases()))
write(folder / "basicsr.json", {**VERSIONS, "basicsr": "1.4.2"}, "tools/golden/generate.sh", list(niqe_cases(folder, sys.argv[2])))

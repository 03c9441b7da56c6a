"""Cases of Betti matching: planes and small volumes."""
import numpy as np

import pictures as p
from betti_matching import betti_matching
from store import pack


def pairs():
    rng = np.random.default_rng(81)
    for k in range(8):
        shape = tuple(int(v) for v in rng.integers(9, 16, 2))
        yield f"2D blobs {k}", p.blobs(300 + k, shape, 1, 0.6), p.blobs(300 + k, shape, 1, 0.6) ^ p.noise(400 + k, shape, 0.12)
    for k in range(4):
        yield f"2D noise {k}", p.noise(500 + k, (12, 13), 0.65), p.noise(520 + k, (12, 13), 0.65)
    ring = p.ring((15, 15), (7, 7), 4, 2)
    yield "2D ring and moved ring", ring, np.roll(ring, 2, 1)
    yield "2D ring and disc", ring, p.ring((15, 15), (7, 7), 0, 10)
    yield "2D empty", np.zeros((6, 7), bool), ring[:6, :7]
    yield "2D full", np.ones((6, 7), bool), np.ones((6, 7), bool)
    for k in range(8):
        shape = tuple(int(v) for v in rng.integers(5, 7, 3))
        a = p.noise(600 + k, shape, 0.35 + 0.05 * (k % 4))
        yield f"3D noise {k}", a, a ^ p.noise(620 + k, shape, 0.1)
    torus = p.torus((5, 9, 9), (2, 4, 4), 3, 1)
    cut = torus.copy()
    cut[:, 4, 5:] = False
    yield "3D torus and cut torus", torus, cut
    yield "3D torus and moved torus", torus, np.roll(torus, 1, 2)
    yield "3D torus and its closed hole", torus, torus | (np.indices(torus.shape)[0] == 2)
    shell = p.ring((7, 7, 7), (3, 3, 3), 2, 1.5)
    yield "3D shell and opened shell", shell, shell & ~(np.indices(shell.shape)[0] < 2)


def matching_cases():
    for name, a, b in pairs():
        results = {}
        for connectivity, construction in (("full", "T"), ("face", "V")):
            matched, left, right = betti_matching(a, b, construction)
            results[connectivity] = {"matched": matched, "errors": [l + r for l, r in zip(left, right)]}
        yield {"name": name, "reference": pack(a), "estimate": pack(b), **results}

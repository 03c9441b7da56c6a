"""Writes packages/iqa/test/golden/recalls.json: recall at equal invented share of the planes of comparisons.json, by its
definition with scikit-image, networkx, SciPy and NumPy. usage: recall_cases.py FOLDER_OF_VECTORS"""
import pathlib
import sys

import networkx
import numpy as np
import scipy
import skimage
from scipy import ndimage as ndi
from skimage import morphology

from network_definitions import joined
from store import number, stored, unpack, write


def unpack_bits(packed):
    import base64
    import zlib

    raw = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), np.uint8)
    return np.unpackbits(raw, bitorder="little")[: np.prod(packed["shape"])].reshape(packed["shape"]) > 0


def pixel_lengths(skeleton, spacing):
    """Half of each step at a pixel; a point by itself counts one pixel of x."""
    graph = joined(skeleton)
    step = lambda a, b: float(np.linalg.norm((np.array(a) - b) * np.array(spacing)))
    return {p: sum(step(p, q) for q in graph[p]) / 2 if graph.degree(p) else spacing[-1] for p in graph if skeleton[p]}


def share_near(lengths, away, tolerance):
    return sum(l for p, l in lengths.items() if away[p] <= tolerance) / sum(lengths.values())


def levels(image, share, count=24):
    """Foregrounds of 1/16 to 8 times the share, at most .9, in equal ratios; equal levels once."""
    values = np.sort(image.ravel())
    above = np.floor(len(values) * np.geomspace(share / 16, min(0.9, 8 * share), count) + 0.5).astype(int)
    return list(dict.fromkeys(values[len(values) - 1 - np.maximum(1, above)]))


def at(curve, limit):
    best, before = 0.0, (0.0, 0.0)
    for _, recall, invented in curve:
        if invented <= limit:
            best = max(best, recall)
        if (before[1] <= limit) != (invented <= limit):
            best = max(best, before[0] + (limit - before[1]) / (invented - before[1]) * (recall - before[0]))
        before = (recall, invented)
    return best


def cases(folder):
    for case in stored(folder / "comparisons.json"):
        if len(case["spacing"]) != 2:
            continue
        image = ndi.gaussian_filter(unpack(case["images"][1]).astype(np.float64), 1, mode="reflect", truncate=4.0)
        mask, skeleton = unpack_bits(case["masks"][0]), unpack_bits(case["skeletons"][0])
        wanted = pixel_lengths(skeleton, case["spacing"])
        # A centreline inside of the reference's network is not invented.
        to_reference = np.where(mask, 0, ndi.distance_transform_edt(~skeleton, sampling=case["spacing"]))
        curve = []
        for level in levels(image, mask.mean()):
            drawn = morphology.skeletonize(image > level, method="zhang")
            if not drawn.any():
                curve.append((number(level), 0.0, 0.0))
                continue
            to_drawn = ndi.distance_transform_edt(~drawn, sampling=case["spacing"])
            found = share_near(wanted, to_drawn, case["tolerance"])
            kept = share_near(pixel_lengths(drawn, case["spacing"]), to_reference, case["tolerance"])
            curve.append((number(level), number(found), number(1 - kept)))
        read = [at(curve, share) for share in np.linspace(0, 0.2, 41)]
        yield {
            "name": case["name"], "curve": curve,
            "at": [at(curve, share) for share in (0.05, 0.1, 0.2)], "area": float(np.trapezoid(read, dx=1 / 40)),
        }


folder = pathlib.Path(sys.argv[1])
versions = {m.__name__: m.__version__ for m in (np, scipy, skimage, networkx)}
write(folder / "recalls.json", versions, "tools/golden/generate.sh", list(cases(folder)))

"""Cases of two networks compared: grey images, masks, skeletons, and every measure by its reference."""
import numpy as np
from scipy import ndimage as ndi
from skimage import filters, measure, morphology

import network_definitions as net
import pictures as p
from pore_cases import euler_change
from store import number, pack


def grey_pair(seed, shape, kind, branches):
    """A network of branches of many widths and intensities, and what a method might make of it: some branches gone, one invented."""
    rng = np.random.default_rng(seed)
    top = {"u1": 255, "u2": 4095, "f4": 1}[kind]
    image, other = np.zeros(shape), np.zeros(shape)
    nodes = rng.random((branches, len(shape))) * (np.array(shape) - 5) + 2
    for i in range(1, branches):
        near = np.argsort(np.linalg.norm(nodes[:i] - nodes[i], axis=1))[: 1 + i % 2]
        for j in near:
            line = np.zeros(shape, bool)
            p.line(line, nodes[i], nodes[j], rng.uniform(0.8, 2))
            brightness = rng.uniform(0.45, 1)
            image[line] = np.maximum(image[line], brightness)
            if rng.random() < 0.65:
                other[line] = np.maximum(other[line], brightness)
    invented = np.zeros(shape, bool)
    p.line(invented, rng.random(len(shape)) * (np.array(shape) - 5) + 2, rng.random(len(shape)) * (np.array(shape) - 5) + 2, 1)
    other[invented] = np.maximum(other[invented], 0.7)
    finish = lambda v, s: np.clip(ndi.gaussian_filter(v, s) * 0.9 + 0.05 + rng.normal(0, 0.01, shape), 0, 1) * top
    # Floats in steps of 1/1024 pack well.
    cast = lambda v: (np.round(v * 1024) / 1024).astype(np.float32) if kind == "f4" else np.round(v).astype({"u1": np.uint8, "u2": np.uint16}[kind])
    return cast(finish(image, 0.5)), cast(finish(other, 0.7))


def masks_of(a, b):
    """Both cut at Otsu's level of the smoothed reference; volumes are smoothed plane by plane."""
    sigma = (1, 1) if a.ndim == 2 else (0, 1, 1)
    soft = [ndi.gaussian_filter(v.astype(np.float64), sigma, mode="reflect", truncate=4.0) for v in (a, b)]
    level = filters.threshold_otsu(soft[0])
    return soft[0] > level, soft[1] > level


def own(mask, network, spacing):
    size = mask.size * np.prod(spacing)
    labels, count = ndi.label(mask, np.ones([3] * mask.ndim))
    return {
        "porosity": number(mask.mean()), "largest_component": number(np.bincount(labels.ravel())[1:].max() / mask.sum()),
        "length_density": number(network.length / size), "node_density": number(len(network.centres) / size),
        "mean_degree": number(network.degrees.mean()), "tortuosity": number(network.tortuosity()),
        "connectivity_density": number((1 - euler_change(mask)) / size),
    }


def comparison_cases(betti, surfaces):
    for seed, shape, kind, branches, spacing, tolerance in (
        (901, (72, 85), "u1", 13, (1.0, 1.0), 2.0), (902, (90, 76), "u2", 16, (0.4, 0.4), 0.8), (903, (61, 67), "f4", 11, (0.5, 0.8), 1.2),
        (904, (18, 30, 29), "u1", 8, (1.0, 1.0, 1.0), 2.0), (905, (17, 27, 32), "u2", 9, (1.5, 0.5, 0.5), 1.6), (906, (20, 24, 26), "f4", 8, (0.9, 0.5, 0.7), 1.5),
    ):
        a, b = grey_pair(seed, shape, kind, branches)
        masks = masks_of(a, b)
        skeletons = [morphology.skeletonize(m, method="zhang" if m.ndim == 2 else "lee") > 0 for m in masks]
        networks = [net.Network(s, spacing) for s in skeletons]
        shares = net.found(networks[0], skeletons[1], spacing, tolerance)
        back = net.found(networks[1], skeletons[0], spacing, tolerance)
        total, estimate_total = sum(l for l, _ in shares), sum(l for l, _ in back)
        precision = (skeletons[1] & masks[0]).sum() / skeletons[1].sum()
        recall = (skeletons[0] & masks[1]).sum() / skeletons[0].sum()
        numbers = [betti(m, "full") for m in masks]
        euler = [int(measure.euler_number(m, connectivity=m.ndim)) for m in masks]
        wide = [net.widths(n, m, spacing) for n, m in zip(networks, masks)]
        values = {
            "dice": number(2 * (masks[0] & masks[1]).sum() / (masks[0].sum() + masks[1].sum())),
            "cldice": number(2 * precision * recall / (precision + recall)), "cldice_precision": number(precision), "cldice_recall": number(recall),
            **{f"betti{k}_error": int(abs(numbers[0][k] - numbers[1][k])) for k in range(3)},
            **{f"betti{k}_error_relative": number(abs(numbers[0][k] - numbers[1][k]) / numbers[0][k]) for k in range(2) if numbers[0][k]},
            "euler_error": abs(euler[0] - euler[1]), **{k: v for k, v in surfaces(*masks, spacing, tolerance).items() if k != "hd"},
            "branch_recall": number(sum(l * s for l, s in shares) / total), "weak_branch_recall": number(net.weak(networks[0], shares, a)),
            "invented_length": number(1 - sum(l * s for l, s in back) / estimate_total),
            "path_similarity": number(net.path_similarity(*networks, 2 * tolerance)),
            "degree_distance": number(net.distribution_distances(*(n.degrees for n in networks))["wasserstein"]),
            "branch_length_distance": number(net.distribution_distances(*([x["length"] for x in n.branches] for n in networks))["wasserstein"]),
            "attack_distance": number(net.attack_distance(*(net.attack(n, w) for n, w in zip(networks, wide)))),
        }
        yield {
            "name": f"{len(shape)}D {kind} {' x '.join(str(n) for n in shape[::-1])}", "dataRange": {"u1": 255, "u2": 4095, "f4": 1}[kind], "spacing": list(spacing), "tolerance": tolerance,
            "images": [pack(a), pack(b)], "masks": [pack(m) for m in masks], "skeletons": [pack(s) for s in skeletons],
            "values": values, "own": [own(m, n, spacing) for m, n in zip(masks, networks)],
            "found": sum(bool(s >= 0.5) for _, s in shares), "missed": sum(bool(s < 0.5) for _, s in shares), "invented": sum(bool(s < 0.5) for _, s in back),
        }

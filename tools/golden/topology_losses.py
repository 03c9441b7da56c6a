"""Writes packages/iqa/test/golden/critical.json and packages/models/test/golden/network-losses.json: critical regions and the
loss of topological errors by Topograph (arXiv:2411.03228), soft clDice and Dice, all of them by the authors' package
topolosses, in float64. usage: topology_losses.py FOLDER_OF_IQA_VECTORS FOLDER_OF_MODELS_VECTORS"""
import pathlib
import sys

import numpy as np
import scipy
import torch
import topolosses
from scipy import ndimage as ndi
from topolosses.losses.cldice.src.cldice_loss import CLDiceLoss
from topolosses.losses.dice.src.dice_loss import DiceLoss
from topolosses.losses.topograph.src import topograph_loss
from topolosses.losses.topograph.src.topograph_loss import TopographLoss

from store import pack, unpack, write


def texture(generator, shape, sigma):
    image = ndi.gaussian_filter(generator.standard_normal(shape), sigma)
    return image / image.std()


def has_crossing(wanted, drawn):
    """Whether invented pixels touch at a corner just where missed ones do: the package leaves open what belongs together there."""
    kinds = drawn + 2 * wanted
    corners = kinds[:-1, :-1], kinds[:-1, 1:], kinds[1:, :-1], kinds[1:, 1:]
    one = (corners[0] == 1) & (corners[3] == 1) & (corners[1] == 2) & (corners[2] == 2)
    other = (corners[0] == 2) & (corners[3] == 2) & (corners[1] == 1) & (corners[2] == 1)
    return bool((one | other).any())


def pair(seed):
    """A network and a probability that is wrong about it, float32 numbers; never one half exactly."""
    generator = np.random.default_rng(seed)
    shape = (24 + seed, 40)
    fine = texture(generator, shape, 1.2 + 0.3 * (seed % 3))
    wanted = np.abs(fine) < 0.45 if seed % 2 else fine > 0.3
    wrong = fine + 0.6 * texture(generator, shape, 1.0 + 0.2 * (seed % 2))
    margin = 0.45 - np.abs(wrong) if seed % 2 else wrong - 0.3
    probability = (1 / (1 + np.exp(-margin / 0.2))).astype(np.float32)
    return wanted, probability


def two_classes(values):
    values = torch.from_numpy(np.ascontiguousarray(values, np.float64))[None]
    return torch.stack([1 - values, values], 1)


def critical(wanted, probability):
    """Regions and the sum over them of the mean of |p - y|: the package's own, told of each region that it relabels."""
    regions = []
    own = topograph_loss.create_relabel_masks_c

    def listen(nodes, lengths, labels):
        masks = topograph_loss.create_relabel_masks(nodes, lengths, labels)
        for where in masks:
            regions.append(where)
        return own(nodes, lengths, labels)

    topograph_loss.create_relabel_masks_c = listen
    try:
        loss = TopographLoss(use_base_loss=False, alpha=1)(two_classes(probability).float(), two_classes(wanted).float())
    finally:
        topograph_loss.create_relabel_masks_c = own
    labels = np.zeros(wanted.shape, np.int32)
    for i, where in enumerate(sorted(regions, key=lambda where: min(zip(*where)))):
        labels[where] = i + 1
    return labels, float(loss)


def cases():
    for seed in range(40):
        wanted, probability = pair(seed)
        if has_crossing(wanted, probability > 0.5):
            continue
        labels, loss = critical(wanted, probability)
        estimate, reference = (two_classes(values)[:, 1:] for values in (probability, wanted))
        yield {
            "name": f"network {seed}",
            "wanted": pack(wanted),
            "probability": pack(probability),
            "labels": pack(labels),
            "topograph": loss,
            "dice": float(DiceLoss(smooth=1)(estimate, reference)),
            "cldice": {n: float(CLDiceLoss(iter_=n, smooth=1, use_base_loss=False, alpha=1, include_background=True)(estimate, reference)) for n in (1, 3)},
        }


def main(iqa, models):
    versions = {"topolosses": "0.2.0", "torch": torch.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
    made = list(cases())[:8]
    command = "tools/golden/topology_losses.py"
    regions = [{**{key: case[key] for key in ("name", "wanted", "labels")}, "drawn": pack(unpack(case["probability"]) > 0.5)} for case in made]
    write(pathlib.Path(iqa) / "critical.json", versions, command, regions)
    pathlib.Path(models).mkdir(exist_ok=True)
    write(pathlib.Path(models) / "network-losses.json", versions, command, made)


if __name__ == "__main__":
    main(*sys.argv[1:])

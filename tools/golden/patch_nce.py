"""Writes packages/models/test/golden/patch-nce.json: PatchNCE (arXiv:2007.15651) and its gradients by PyTorch's cross entropy, in float64.
The logits of a place are the products of its vector with those of all places, its own first as the authors have it.
usage: patch_nce.py FOLDER_OF_MODELS_VECTORS"""
import pathlib
import sys

import numpy as np
import torch

from store import pack, write

TEMPERATURE = 0.07
# Features [n, height, width, channels] of each layer, and the step of the lattice of at most 16 places.
LAYERS = [((2, 8, 8, 3), 2), ((2, 4, 4, 5), 1)]


def wave(shape, phase, scale=1.0):
    """Numbers that any language can make: scale sin(i + phase)."""
    values = scale * np.sin(np.arange(np.prod(shape)) + phase)
    return torch.from_numpy(values.reshape(shape)).requires_grad_()


def vectors(features, step, weights):
    """Of each place of the lattice, [n, places, 256], of length 1."""
    first, second = weights
    places = features[:, step // 2 :: step, step // 2 :: step].flatten(1, 2)
    return torch.nn.functional.normalize(torch.relu(places @ first) @ second, dim=2)


def contrast(query, key):
    n, places, _ = query.shape
    products = query @ key.detach().transpose(1, 2)
    own = torch.eye(places, dtype=torch.bool)
    others = products[:, ~own].view(n, places, places - 1)
    logits = torch.cat([products[:, own][..., None], others], 2) / TEMPERATURE
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), torch.zeros(n * places, dtype=torch.long))


def main(folder):
    losses, made = [], []
    for layer, (shape, step) in enumerate(LAYERS):
        query, key = wave(shape, layer), wave(shape, layer + 0.5)
        weights = wave((shape[-1], 256), layer, 0.1), wave((256, 256), layer, 0.1)
        losses.append(contrast(vectors(query, step, weights), vectors(key, step, weights)))
        made.append((query, weights))
    loss = sum(losses) / len(losses)
    loss.backward()
    cases = [
        {"loss": loss.item()},
        *({"query": pack(query.grad.numpy()), "first": pack(weights[0].grad.numpy())} for query, weights in made),
    ]
    versions = {"torch": torch.__version__, "numpy": np.__version__}
    write(pathlib.Path(folder) / "patch-nce.json", versions, "tools/golden/patch_nce.py", cases)


if __name__ == "__main__":
    main(*sys.argv[1:])

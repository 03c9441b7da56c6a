"""NIQE in float64 NumPy and SciPy, from the paper, with the published parameters as packages/iqa stores them."""
import base64
import pathlib
import re

import numpy as np
from scipy import ndimage as ndi
from scipy.special import gamma

TEXT = (pathlib.Path(__file__).parent / "../../packages/iqa/src/no-reference/niqe-parameters.ts").read_text()
NUMBERS = np.frombuffer(base64.b64decode("".join(re.findall(r"^  '([^']+)',$", TEXT, re.M))), "<f8")
MEAN = NUMBERS[:36]
COVARIANCE = np.zeros((36, 36))
COVARIANCE[np.tril_indices(36)] = NUMBERS[36:]
COVARIANCE += np.tril(COVARIANCE, -1).T
SHAPES = np.arange(0.2, 10.001, 0.001)
RATIOS = gamma(2 / SHAPES) ** 2 / (gamma(1 / SHAPES) * gamma(3 / SHAPES))


def fit(v):
    left, right = np.sqrt((v[v < 0] ** 2).mean()), np.sqrt((v[v > 0] ** 2).mean())
    g = left / right
    wanted = abs(v).mean() ** 2 / (v**2).mean() * (g**3 + 1) * (g + 1) / (g**2 + 1) ** 2
    shape = SHAPES[np.argmin((RATIOS - wanted) ** 2)]
    scale = np.sqrt(gamma(1 / shape) / gamma(3 / shape))
    return shape, left * scale, right * scale


def block_features(block):
    shape, left, right = fit(block)
    out = [shape, (left + right) / 2]
    for shift in ((0, 1), (1, 0), (1, 1), (1, -1)):
        shape, left, right = fit(block * np.roll(block, shift, (0, 1)))
        out += [shape, (right - left) * gamma(2 / shape) / gamma(1 / shape), left, right]
    return out


def half(image):
    d = np.abs(np.arange(8) - 3.5) / 2
    taps = np.where(d <= 1, 1.5 * d**3 - 2.5 * d**2 + 1, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2)
    taps /= taps.sum()
    for axis in (0, 1):
        padded = np.pad(image, [(3, 4) if a == axis else (0, 0) for a in (0, 1)], mode="symmetric")
        n = image.shape[axis] // 2
        image = sum(t * np.take(padded, np.arange(n) * 2 + k, axis) for k, t in enumerate(taps))
    return image


def features(image, span):
    image = np.round(image.astype(np.float64) * 255 / span)
    down, across = image.shape[0] // 96, image.shape[1] // 96
    image = image[: down * 96, : across * 96]
    x = np.arange(-3, 4)
    window = np.exp(-(x**2) / (2 * (7 / 6) ** 2))
    window = np.outer(window, window) / np.outer(window, window).sum()
    columns = []
    for scale in (1, 2):
        mean = ndi.convolve(image, window, mode="nearest")
        spread = np.sqrt(abs(ndi.convolve(image**2, window, mode="nearest") - mean**2))
        normal, side = (image - mean) / (spread + 1), 96 // scale
        columns.append([block_features(normal[i * side:(i + 1) * side, j * side:(j + 1) * side]) for j in range(across) for i in range(down)])
        image = half(image)
    return np.concatenate(columns, axis=1)


def niqe(image, span):
    rows = features(image, span)
    whole = rows[~np.isnan(rows).any(axis=1)]
    difference = MEAN - np.nanmean(rows, axis=0)
    return np.sqrt(difference @ np.linalg.pinv((COVARIANCE + np.cov(whole, rowvar=False)) / 2) @ difference)

"""Seeded procedural inputs: grey images and masks in 2D and 3D, sizes odd and even, 8 and 16 bits and float."""
import numpy as np
from scipy import ndimage as ndi


def grey(seed, shape, kind):
    """A smooth random image with lines; dtype by `kind`."""
    rng = np.random.default_rng(seed)
    image = ndi.gaussian_filter(rng.standard_normal(shape), 2)
    image = (image - image.min()) / (image.max() - image.min())
    if kind == "u1":
        return np.round(image * 255).astype(np.uint8)
    if kind == "u2":
        return np.round(image * 4095).astype(np.uint16)
    return image.astype(np.float32)


def degraded(seed, image):
    """The same image blurred and noisy, in the same dtype."""
    rng = np.random.default_rng(seed)
    top = {"u1": 255, "u2": 4095}.get(image.dtype.str[1:], 1)
    other = ndi.gaussian_filter(image.astype(np.float64), 1) + rng.normal(0, 0.03 * top, image.shape)
    other = np.clip(other, 0, top)
    return other.astype(np.float32) if top == 1 else np.round(other).astype(image.dtype)


def blobs(seed, shape, sigma, share):
    rng = np.random.default_rng(seed)
    field = ndi.gaussian_filter(rng.standard_normal(shape), sigma)
    return field > np.quantile(field, 1 - share)


def noise(seed, shape, share):
    return np.random.default_rng(seed).random(shape) < share


def line(out, a, b, radius):
    """Sets every pixel within `radius` of the segment a-b."""
    grid = np.stack(np.meshgrid(*[np.arange(n, dtype=np.float64) for n in out.shape], indexing="ij"), -1)
    a, b = np.array(a, float), np.array(b, float)
    d = b - a
    t = np.clip(((grid - a) @ d) / max(d @ d, 1e-12), 0, 1)
    out |= np.linalg.norm(grid - (a + t[..., None] * d), axis=-1) <= radius


def network(seed, shape, branches, widest=2.5):
    rng = np.random.default_rng(seed)
    out = np.zeros(shape, bool)
    nodes = rng.random((branches, len(shape))) * (np.array(shape) - 1)
    for i in range(1, branches):
        near = np.argsort(np.linalg.norm(nodes[:i] - nodes[i], axis=1))[: 1 + i % 2]
        for j in near:
            line(out, nodes[i], nodes[j], rng.uniform(0.6, widest))
    return out


def ring(shape, centre, radius, width):
    grid = np.stack(np.meshgrid(*[np.arange(n, dtype=np.float64) for n in shape], indexing="ij"), -1)
    r = np.linalg.norm(grid - np.array(centre, float), axis=-1)
    return np.abs(r - radius) <= width / 2


def torus(shape, centre, major, minor):
    z, y, x = np.meshgrid(*[np.arange(n, dtype=np.float64) for n in shape], indexing="ij")
    q = np.hypot(x - centre[2], y - centre[1]) - major
    return np.hypot(q, z - centre[0]) <= minor


def bar(shape, width):
    """A straight bar of the given width along the last axis."""
    out = np.zeros(shape, bool)
    box = tuple(slice((n - width) // 2, (n - width) // 2 + width) for n in shape[:-1]) + (slice(3, shape[-1] - 3),)
    out[box] = True
    return out

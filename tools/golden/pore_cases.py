"""Cases of pore morphometry: PoreSpy and scikit-image where they have the measure, plain NumPy where they do not."""
import numpy as np
import porespy as ps
from scipy import ndimage as ndi
from skimage import measure

import pictures as p
from store import number, pack

ps.settings.tqdm["disable"] = True


def chords(mask, axis, include):
    out = []
    for line in np.moveaxis(mask, axis, -1).reshape(-1, mask.shape[axis]):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
        out += [b - a for a, b in zip(edges[::2], edges[1::2]) if include or (a > 0 and b < len(line))]
    return out


def two_point(mask):
    reach = int(min(mask.shape) // 2)
    result = ps.metrics.two_point_correlation(mask, bins=np.arange(-0.5, reach + 1, 1.0))
    return np.asarray(result.probability_scaled)


def thickness(mask):
    """Radii at every voxel by opening at each distance that occurs."""
    distance = ndi.distance_transform_edt(mask)
    sizes = np.unique(distance[mask])
    # Sizes are given, since PoreSpy 3.2 takes its own from small to large and so keeps the smallest; `smooth` leaves open balls. A hair
    # less than each size: its float32 distances round below it here and there, and a ball then reaches the background.
    index = ps.filters.local_thickness(mask, dt=distance, method="legacy", sizes=sizes * (1 - 1e-6), smooth=True, return_indices=True)[1]
    return np.concatenate([[0], sizes[::-1]])[index]


def euler_change(mask):
    """Closed cells with the share that lies inside the image: a half for each face of the image that holds them."""
    grid = np.zeros([2 * n + 1 for n in mask.shape], bool)
    for q in np.argwhere(mask):
        grid[tuple(slice(2 * c, 2 * c + 3) for c in q)] = True
    total = 0.0
    for cell in np.argwhere(grid):
        faces = sum(v in (0, n - 1) for v, n in zip(cell, grid.shape))
        total += (-1) ** int(sum(v % 2 for v in cell)) / 2**faces
    return total


def lacunae(mask, diameter):
    radius = thickness(mask)
    labels, count = ndi.label(2 * radius - 1 >= diameter, np.ones([3] * mask.ndim))
    shapes = []
    for k in range(1, count + 1):
        points = np.argwhere(labels == k).astype(float)
        values = np.sort(np.linalg.eigvalsh(np.cov(points.T, bias=True) + np.eye(mask.ndim) / 12))
        shapes.append([len(points), (values[-1] - values[0]) / values[-1]])
    cell, canal = (labels > 0).sum(), (mask & (labels == 0)).sum()
    return {"diameter": diameter, "shapes": [[number(v) for v in s] for s in shapes], "density": number(canal / (mask.size - cell)), "share": number(canal / (cell + canal))}


def masks():
    yield "2D blobs", p.blobs(701, (45, 52), 2, 0.4)
    yield "2D network", p.network(702, (61, 50), 10, 4)
    yield "3D blobs", p.blobs(703, (18, 21, 20), 2, 0.35)
    cells = p.network(704, (24, 26, 25), 8, 0.8)
    for centre in ((7, 8, 8), (16, 18, 15)):
        cells |= p.ring(cells.shape, centre, 0, 8)
    yield "3D cells", cells


def pore_cases():
    for name, mask in masks():
        dims = mask.ndim
        radius = thickness(mask)
        regions = measure.regionprops(measure.label(mask, connectivity=dims))
        axes = "yx" if dims == 2 else "zyx"
        percolating = {}
        for k, axis in enumerate(axes):
            labels, _ = ndi.label(mask, np.ones([3] * dims))
            ends = set(np.take(labels, 0, k).ravel()) & set(np.take(labels, -1, k).ravel()) - {0}
            percolates = bool(ps.metrics.is_percolating(mask, axis=k, conn="max"))
            assert percolates == bool(ends)
            percolating[axis] = {"components": len(ends), "share": number(np.isin(labels, list(ends)).sum() / mask.sum())}
        yield {
            "name": name, "mask": pack(mask), "radius": pack(radius), "twoPoint": pack(two_point(mask)),
            "chords": {axis: [sorted(int(v) for v in chords(mask, k, include)) for include in (False, True)] for k, axis in enumerate(axes)},
            "diameters": [number(r.equivalent_diameter_area) for r in regions], "percolation": percolating,
            "eulerChange": number(euler_change(mask)), "lacunae": lacunae(mask, 5.0 if dims == 2 else 4.0),
        }

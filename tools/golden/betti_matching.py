"""Betti matching of two masks by its definition: image persistence and induced matchings, boundary matrices reduced column by column.

Cells of one dimension and level are ordered as in the authors' Python code in planes; in volumes in raster order of the doubled grid
(edges: by voxel, sides of the crossing axes, direction). Cubic cost: for small arrays.
"""
import itertools

import numpy as np


def cells(mask, construction):
    """Level of each cell of the doubled grid: True where it belongs to the mask. T: closed pixels. V: pixels are vertices."""
    if construction == "T":
        grid = np.zeros([2 * n + 1 for n in mask.shape], bool)
        for p in np.argwhere(mask):
            grid[tuple(slice(2 * c, 2 * c + 3) for c in p)] = True
    else:
        grid = np.ones([2 * n - 1 for n in mask.shape], bool)
        for p in np.argwhere(~mask):
            grid[tuple(slice(max(0, 2 * c - 1), 2 * c + 2) for c in p)] = False
    return grid


def pixel_order(mask, construction):
    """All cells, one list for each dimension, foreground first, in the order of the filtration."""
    dims = mask.ndim
    pixels = [tuple(p) for p in np.argwhere(mask)] + [tuple(p) for p in np.argwhere(~mask)]
    offsets = list(itertools.product((-1, 0, 1), repeat=dims))
    grid_shape = cells(mask, construction).shape
    out = []
    for dim in range(dims + 1):
        # Which offsets lead from a pixel to cells of this dimension: T pixels have odd coordinates, V pixels even ones.
        spread = [o for o in offsets if sum(map(abs, o)) == (dims - dim if construction == "T" else dim)]
        spread.sort(key=suborder)
        seen, order = set(), []
        walk = pixels if construction == "T" else pixels[::-1]
        if construction == "V":
            # Numbered downwards, background first, each group in raster order.
            walk = [tuple(p) for p in np.argwhere(~mask)] + [tuple(p) for p in np.argwhere(mask)]
        for p in walk:
            for o in spread:
                c = tuple(2 * a + (1 if construction == "T" else 0) + b for a, b in zip(p, o))
                if c not in seen and all(0 <= v < n for v, n in zip(c, grid_shape)):
                    seen.add(c)
                    order.append(c)
        out.append(order if construction == "T" else order[::-1])
    return out


def suborder(offset):
    """Around a pixel: sides of the axes that are crossed, low before high, then direction; planes: k outside, then axis."""
    used = [v for v in offset if v]
    if len(offset) == 2:
        return (used, [0 if v else 1 for v in offset])
    # x is the last axis: sides are read from the fastest axis on, and directions x, y, z.
    reverse = offset[::-1]
    return ([v for v in reverse if v], [1 if v else 0 for v in reverse])


def filtration(mask, construction):
    order = pixel_order(mask, construction)
    grid = cells(mask, construction)
    if mask.ndim == 3:
        # Squares of volumes: raster order of the doubled grid within a level.
        flat = sorted(order[2])
        order[2] = [c for c in flat if grid[c]] + [c for c in flat if not grid[c]]
    ranks, level, n = {}, {}, 0
    for value in (True, False):
        for dim in range(mask.ndim + 1):
            for c in order[dim]:
                if bool(grid[c]) == value:
                    ranks[c], level[n] = n, value
                    n += 1
    return ranks, level


def boundary(cell, construction):
    odd = 1
    for axis, v in enumerate(cell):
        if v % 2 == odd:
            for step in (-1, 1):
                yield cell[:axis] + (v + step,) + cell[axis + 1:]


def reduce(rows, columns, construction):
    """Pairs (birth, death): rows ranked by one filtration, columns by another; and births that never die."""
    by_rank = sorted(columns, key=columns.get)
    pivots, stored, pairs = {}, {}, []
    positive = set()
    for cell in by_rank:
        column = set()
        for face in boundary(cell, construction):
            column ^= {rows[face]}
        while column and max(column) in pivots:
            column ^= stored[max(column)]
        if column:
            low = max(column)
            pivots[low] = cell
            stored[low] = column
            pairs.append((low, columns[cell], sum(v % 2 for v in cell) - 1))
        else:
            positive.add(cell)
    return pairs


def betti_matching(a, b, construction):
    """[matched], [unmatched in a], [unmatched in b] by dimension, of the intervals that hold the level between the two values."""
    union = a | b
    fc, level_c = filtration(union, construction)
    pairs_c = [p for p in reduce(fc, fc, construction) if level_c[p[0]] and not level_c[p[1]]]
    deaths_c = {(d, dim) for _, d, dim in pairs_c}
    sides = []
    for mask in (a, b):
        f, level = filtration(mask, construction)
        own = {(p[0], p[2]) for p in reduce(f, f, construction) if level[p[0]] and not level[p[1]]}
        image = {(d, dim) for birth, d, dim in reduce(f, fc, construction) if (birth, dim) in own and (d, dim) in deaths_c}
        sides.append((own, image))
    matched, left, right = [], [], []
    for dim in range(a.ndim):
        essential = 1 if dim == 0 else 0
        both = len({d for d in sides[0][1] if d[1] == dim} & {d for d in sides[1][1] if d[1] == dim})
        both += essential if a.any() and b.any() else 0
        counts = [len([i for i in own if i[1] == dim]) + (essential if mask.any() else 0) for mask, (own, _) in zip((a, b), sides)]
        matched.append(both)
        left.append(counts[0] - both)
        right.append(counts[1] - both)
    return matched, left, right

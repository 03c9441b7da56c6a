"""Measures of a network and of two networks, written from their definitions with networkx, SciPy and NumPy."""
import itertools

import networkx as nx
import numpy as np
from scipy import ndimage as ndi
from scipy import stats


def joined(skeleton):
    """Neighbouring pixels (8 or 26), less the steps that close a cycle inside a cell of 2 x 2 (x 2): each cell keeps its shortest spanning tree."""
    dims = skeleton.ndim
    corners = list(itertools.product((0, 1), repeat=dims))
    # Equal lengths: in the order of the corners, the first axis counting least (x + 2 y + 4 z).
    rank = {c: sum(v << (dims - 1 - k) for k, v in enumerate(c)) for c in corners}
    padded = np.pad(skeleton, 1)
    graph, dropped = nx.Graph(), set()
    for low in itertools.product(*(range(n + 1) for n in skeleton.shape)):
        cell = [c for c in corners if padded[tuple(a + b for a, b in zip(low, c))]]
        place = {c: tuple(a + b - 1 for a, b in zip(low, c)) for c in cell}
        graph.add_nodes_from(place.values())
        local = nx.Graph()
        local.add_nodes_from(cell)
        for a, b in itertools.combinations(sorted(cell, key=rank.get), 2):
            steps = sum(x != y for x, y in zip(a, b))
            local.add_edge(a, b, weight=steps * 1000 + rank[a] * 8 + rank[b])
            graph.add_edge(place[a], place[b])
        tree = nx.minimum_spanning_tree(local)
        dropped |= {frozenset((place[a], place[b])) for a, b in local.edges if not tree.has_edge(a, b)}
    graph.remove_edges_from([tuple(e) for e in dropped])
    return graph


class Network:
    """Nodes (clusters of junction pixels, ends, single pixels) and branches of a skeleton. `spacing` is in the order of the axes."""

    def __init__(self, skeleton, spacing):
        self.spacing = np.array(spacing)
        graph = self.pixels = joined(skeleton)
        step = lambda a, b: float(np.linalg.norm((np.array(a) - b) * self.spacing))
        self.length = sum(step(a, b) for a, b in graph.edges)
        junctions = graph.subgraph([p for p in graph if graph.degree(p) > 2])
        assert nx.number_of_edges(junctions) == len(junctions) - nx.number_connected_components(junctions), "a cycle of junction pixels"
        clusters = [sorted(c) for c in nx.connected_components(junctions)] + [[p] for p in graph if graph.degree(p) < 2]
        of = {p: k for k, group in enumerate(clusters) for p in group}
        self.centres = np.array([np.mean(group, axis=0) for group in clusters]).reshape(-1, skeleton.ndim)
        self.branches = []

        def add(path):
            length = sum(step(a, b) for a, b in zip(path, path[1:]))
            self.branches.append({"ends": (of[path[0]], of[path[-1]]), "pixels": path, "length": length, "chord": step(path[0], path[-1])})

        chains = graph.subgraph([p for p in graph if p not in of])
        for chain in nx.connected_components(chains):
            ends = [(p, q) for p in chain for q in graph[p] if q in of]
            assert len(ends) == 2, "a loop by itself"
            (first, before), (last, after) = ends
            path = nx.shortest_path(chains.subgraph(chain), first, last)
            add([before, *path, after])
        for a, b in graph.edges:
            if a in of and b in of and of[a] != of[b]:
                add([a, b])
        self.degrees = np.zeros(len(clusters), int)
        self.graph = nx.MultiGraph()
        self.graph.add_nodes_from(range(len(clusters)))
        for branch in self.branches:
            a, b = branch["ends"]
            self.degrees[a] += 1
            self.degrees[b] += 1
            self.graph.add_edge(a, b, weight=branch["length"])

    def tortuosity(self):
        open_ = [b for b in self.branches if b["chord"] > 0]
        return sum(b["length"] ** 2 / b["chord"] for b in open_) / sum(b["length"] for b in open_)


def found(network, other, spacing, tolerance):
    """Length, share near the other skeleton's pixels, for each branch."""
    away = ndi.distance_transform_edt(~other, sampling=spacing)
    return [(b["length"], np.mean([away[p] <= tolerance for p in b["pixels"]])) for b in network.branches]


def weak(network, shares, image):
    """Recall over the dimmest third of the length, the last branch cut where it ends."""
    rows = sorted((np.mean([float(image[p]) for p in b["pixels"]]), length, share) for b, (length, share) in zip(network.branches, shares))
    left = wanted = sum(r[1] for r in rows) / 3
    sum_ = 0.0
    for _, length, share in rows:
        part = min(left, length)
        sum_ += part * share
        left -= part
    return sum_ / wanted


def one_way(a, b, snap, sources=64):
    counterpart = []
    for centre in a.centres:
        away = np.linalg.norm((b.centres - centre) * a.spacing, axis=1)
        counterpart.append(int(away.argmin()) if len(away) and away.min() <= snap else None)
    stride = max(1, -(-len(a.centres) // sources))
    scores = []
    for s in range(0, len(a.centres), stride):
        there = nx.single_source_dijkstra_path_length(a.graph, s)
        other = nx.single_source_dijkstra_path_length(b.graph, counterpart[s]) if counterpart[s] is not None else {}
        for t, length in there.items():
            if t == s or length == 0:
                continue
            reached = other.get(counterpart[t])
            scores.append(0.0 if reached is None else 1 - min(1, abs(length - reached) / length))
    return np.mean(scores)


def path_similarity(a, b, snap):
    there, back = one_way(a, b, snap), one_way(b, a, snap)
    return 2 * there * back / (there + back)


def attack(network, widths):
    """Largest component's share of the length after each removal, thinnest branch first."""
    order = np.argsort(widths, kind="stable")
    left = nx.MultiGraph(network.graph)
    left.clear_edges()
    out = []
    for k in range(len(order) + 1):
        stage = nx.MultiGraph()
        stage.add_nodes_from(network.graph)
        for i in order[k:]:
            stage.add_edge(*network.branches[i]["ends"], weight=network.branches[i]["length"])
        out.append(max((stage.subgraph(c).size("weight") for c in nx.connected_components(stage)), default=0.0))
    return np.array(out) / out[0] * (out[0] / sum(b["length"] for b in network.branches))


def attack_distance(a, b):
    x = np.linspace(0, 1, 1001)
    at = lambda curve: np.interp(x, np.linspace(0, 1, len(curve)), curve)
    return np.trapezoid(np.abs(at(a) - at(b)), x)


def widths(network, mask, spacing):
    """Mean over a branch of twice the distance to the background, less one pixel."""
    radius = ndi.distance_transform_edt(mask, sampling=spacing)
    return [np.mean([2 * radius[p] - min(spacing) for p in b["pixels"]]) for b in network.branches]


def distribution_distances(a, b):
    return {"wasserstein": float(stats.wasserstein_distance(a, b)), "ks": float(stats.ks_2samp(a, b).statistic)}

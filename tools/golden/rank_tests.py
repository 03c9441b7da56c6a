"""Writes packages/sweep/test/golden/statistics.json: rank tests, sign-flip permutation tests, Holm's correction and the
studentised range by SciPy (pinned in requirements.txt). usage: rank_tests.py OUT.json"""
import json
import sys

import numpy as np
import scipy
from scipy import stats


def friedman(rng, sets, methods, tied):
    table = rng.normal(size=(sets, methods)) + np.arange(methods) * 0.4
    if tied:
        table = np.round(table)
    result = stats.friedmanchisquare(*table.T)
    ranks = np.mean([stats.rankdata(-row) for row in table], axis=0)
    return {"table": table.tolist(), "statistic": result.statistic, "p": result.pvalue, "meanRanks": ranks.tolist()}


def sign_flips(rng, regions):
    difference = rng.normal(0.3, 1, regions)
    result = stats.permutation_test((difference, np.zeros(regions)), lambda a, b, axis: (a - b).mean(axis=axis),
                                    permutation_type="samples", vectorized=True, n_resamples=np.inf)
    return {"difference": difference.tolist(), "p": result.pvalue}


def holm(values):
    """By its definition: the k-th smallest of m times m - k + 1, running maximum, at most 1."""
    values = np.asarray(values)
    order = np.argsort(values, kind="stable")
    factors = len(values) - np.arange(len(values))
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(1, np.maximum.accumulate(values[order] * factors))
    return {"values": values.tolist(), "corrected": corrected.tolist()}


rng = np.random.default_rng(20)
golden = {
    "command": "python tools/golden/rank_tests.py packages/sweep/test/golden/statistics.json",
    "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
    "friedman": [friedman(rng, n, k, tied) for n, k in [(4, 3), (10, 5), (7, 8)] for tied in (False, True)],
    "signFlips": [sign_flips(rng, n) for n in (3, 6, 9, 12)],
    "holm": [holm(rng.uniform(0, scale, n).tolist()) for n, scale in [(1, 1), (5, 0.1), (8, 0.02)]],
    "studentizedRange": [{"k": k, "p": p, "quantile": stats.studentized_range.ppf(p, k, np.inf)}
                         for k in (2, 3, 5, 10, 20) for p in (0.9, 0.95, 0.99)],
    "normal": [{"x": x, "cdf": stats.norm.cdf(x)} for x in (-6, -2.5, -0.3, 0, 0.7, 1.96, 5)],
    "upperGamma": [{"a": a, "x": x, "q": stats.gamma.sf(x, a)} for a in (0.5, 1, 3.5, 10) for x in (0.01, 1, 4, 30)],
}
with open(sys.argv[1], "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")

"""Golden data for interquartile means and bootstrap intervals, from SciPy and from the authors' own rliable.

    pip install scipy==1.17.1 "numpy>=2" arch==8.0.0 absl-py && pip install --no-deps rliable==1.2.0
    python make_intervals.py               # writes intervals.json beside this script
    python make_intervals.py --check       # makes it anew and compares; without rliable, what SciPy and NumPy say

`interval` is rliable's for resamples drawn by the stream that agent-sdk draws them by, written anew here (xoshiro128**,
its state from SHA-256): the same draws must give the same figures. `rliable` is rliable's with draws of its own, which
tells how far chance moves them. `exact` has every resample that there is, each once, for five runs.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import scipy.stats

HERE = Path(__file__).resolve().parent
FILE = HERE / "intervals.json"
RESAMPLES = 50_000
PERCENTILES = (2.5, 97.5)

# Tasks, and the returns of their runs. Three and four runs: nothing is cut off, and one at each end.
CASES: dict[str, list[list[float]]] = {
    "five seeds": [[-152.25, -148.5, -171.75, -139.125, -310.5]],
    "two seeds": [[10.0, 12.5]],
    "three seeds": [[1.5, 2.5, 7.0]],
    "four seeds": [[1.0, 2.0, 4.0, 8.0]],
    "ten seeds": [[3219.0, 1490.5, 2231.25, 2876.0, 1980.75, 2510.5, 3044.0, 1755.25, 2650.0, 2401.5]],
    "equal returns": [[-7.5, -7.5, -7.5, -7.5, -7.5]],
    "three tasks": [
        [0.1, 0.25, 0.2, 0.3, 0.15],
        [0.8, 0.9, 0.4, 0.85, 0.7],
        [0.55, 0.5, 0.65, 0.45, 1.6],
    ],
}


class Stream:
    """The draws of agent-sdk's `createRandomStream(seed, name)`."""

    def __init__(self, seed: int, name: str) -> None:
        self.words = list(struct.unpack("<4I", hashlib.sha256(f"{seed}/{name}".encode()).digest()[:16]))

    def uint32(self) -> int:
        a, b, c, d = self.words
        scrambled = b * 5 & 0xFFFFFFFF
        rotated = (scrambled << 7 | scrambled >> 25) & 0xFFFFFFFF
        shifted = b << 9 & 0xFFFFFFFF
        c ^= a
        d ^= b
        self.words = [a ^ d, b ^ c, c ^ shifted, (d << 11 | d >> 21) & 0xFFFFFFFF]
        return rotated * 9 & 0xFFFFFFFF

    def integer(self, n: int) -> int:
        mask = (1 << max((n - 1).bit_length(), 1)) - 1
        while True:
            candidate = self.uint32() & mask
            if candidate < n:
                return candidate


def iqm(scores: Any) -> float:
    return float(scipy.stats.trim_mean(scores, proportiontocut=0.25, axis=None))


def own_draws(tasks: list[list[float]]) -> list[np.ndarray]:
    """For each resample a matrix of indices, runs by tasks as rliable has them."""
    stream = Stream(0, "bootstrap")
    return [
        np.array([[stream.integer(len(task)) for _ in task] for task in tasks]).T for _ in range(RESAMPLES)
    ]


def iqms(resamples: np.ndarray) -> np.ndarray:
    return scipy.stats.trim_mean(resamples.reshape(len(resamples), -1), proportiontocut=0.25, axis=1)


def percentiles(estimates: np.ndarray) -> list[float]:
    return [float(value) for value in np.percentile(estimates, PERCENTILES)]


def by_scipy(tasks: list[list[float]]) -> dict[str, Any]:
    scores = np.array(tasks).T
    figures = {
        "iqm": iqm(scores),
        "interval": percentiles(iqms(scores[np.array(own_draws(tasks)), np.arange(len(tasks))])),
        "mean": float(np.mean(scores)),
        "std": float(np.std(scores, ddof=1)),
    }
    if len(tasks) == 1 and len(tasks[0]) == 5:
        figures["exact"] = percentiles(iqms(np.array(list(itertools.product(tasks[0], repeat=5)))))
    return figures


def by_rliable(tasks: list[list[float]]) -> dict[str, Any]:
    import arch.bootstrap
    from rliable import library, metrics

    scores = np.array(tasks).T

    class Arch(arch.bootstrap.IIDBootstrap):  # type: ignore[misc]
        """rliable was written for arch 5, which took a random state."""

        def __init__(self, *args: Any, random_state: None = None) -> None:
            super().__init__(*args)

    library.StratifiedBootstrap.__bases__ = (Arch,)

    class OwnDraws(library.StratifiedBootstrap):  # type: ignore[misc]
        draws = iter(own_draws(tasks))

        def update_indices(self) -> tuple[np.ndarray, ...]:
            return (next(self.draws), *self._strata_indices)

    def statistic(values: np.ndarray) -> np.ndarray:
        return np.array([metrics.aggregate_iqm(values)])

    low, high = OwnDraws(scores).conf_int(statistic, reps=RESAMPLES, method="percentile")[:, 0]
    np.random.seed(1)
    _, own = library.get_interval_estimates({"case": scores}, statistic, reps=RESAMPLES)
    return {
        "iqm": float(metrics.aggregate_iqm(scores)),
        "interval": [float(low), float(high)],
        "rliable": [float(value) for value in own["case"][:, 0]],
    }


def close(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=1e-12, atol=1e-12))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    try:
        import rliable  # noqa: F401
    except ImportError:
        has_rliable = False
    else:
        has_rliable = True
    if not arguments.check and not has_rliable:
        parser.error("to write the file, install rliable")

    committed = json.loads(FILE.read_text()) if arguments.check else {"cases": {}}
    cases: dict[str, Any] = {}
    different = compared = 0
    for name, tasks in CASES.items():
        figures = by_scipy(tasks)
        if has_rliable:
            authors = by_rliable(tasks)
            for key in ("iqm", "interval"):
                if not close(figures[key], authors[key]):
                    raise SystemExit(f"{name}: {key}: SciPy {figures[key]}, rliable {authors[key]}")
            figures["rliable"] = authors["rliable"]
        cases[name] = {"tasks": tasks, **figures}
        for key, value in cases[name].items():
            compared += 1
            different += not close(value, committed["cases"].get(name, {}).get(key, np.nan))
    if arguments.check:
        print(f"{FILE.name}: {compared} values, {different} different")
        return int(different > 0)
    versions = {"scipy": scipy.__version__, "numpy": np.__version__, "rliable": "1.2.0", "arch": "8.0.0"}
    FILE.write_text(json.dumps({"versions": versions, "resamples": RESAMPLES, "cases": cases}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

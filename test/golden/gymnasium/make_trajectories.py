"""Golden data from Gymnasium and NumPy, for the classics and numerics of simulators.

    pip install gymnasium==1.4.0 "numpy>=2"
    python make_trajectories.py            # writes the JSON files beside this script
    python make_trajectories.py --check    # makes them anew and compares; exit status 1 when anything differs

Numbers are written with the fewest digits that give the same bits back (float32 values: the same float32).
The last bits of sin, cos and pow are the C library's: the files were made with glibc on a processor with fused
multiply-add, and on macOS, Windows or musl --check may report differences of one unit in the last place.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import math
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import gymnasium
import numpy as np

HERE = Path(__file__).resolve().parent
SEEDS = (0, 1, 42, 123, 2**32 + 7)


def versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "gymnasium": gymnasium.__version__,
        "platform": f"{platform.system()} {platform.machine()} {' '.join(platform.libc_ver())}",
    }


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


def base64_of(values: np.ndarray) -> str:
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode("ascii")


# --- random numbers ------------------------------------------------------------------------------------------

INTEGER_BOUNDS = (
    (0, 10),
    (-5, 1),
    (7, 8),
    (0, 3 * 2**30),
    (0, 2**32),
    (0, 2**32 + 1),
    (-(2**40), 2**51 + 12345),
    (-(2**53 - 1), 2**53 - 1),
)


def random_draws(seed: int) -> dict:
    rng = generator(seed)
    rounds = [
        {
            "random": rng.random(),
            "uniform": rng.uniform(-3.5, 7.25),
            "standardNormal": rng.standard_normal(),
            "integers": [int(rng.integers(low, high)) for low, high in INTEGER_BOUNDS],
        }
        for _ in range(12)
    ]
    return {"seed": str(seed), "rounds": rounds}


def make_random() -> dict:
    normals = generator(42).standard_normal(1_000_000)
    return {
        "integerBounds": INTEGER_BOUNDS,
        "cases": [random_draws(s) for s in (0, 1, 42, 123, 2**32 - 1, 2**32, 2**53 + 1, 2**64 - 1)],
        "million": {
            "seed": "42",
            "tailDraws": int(np.sum(np.abs(normals) > 3.6541528853610088)),
            "randomSha256": hashlib.sha256(generator(42).random(1_000_000).astype("<f8").tobytes()).hexdigest(),
            "standardNormalSha256": hashlib.sha256(normals.astype("<f8").tobytes()).hexdigest(),
        },
    }


# --- elementary functions ------------------------------------------------------------------------------------


def make_math() -> dict:
    """Arguments are uniform draws, interval after interval, from the seed given here."""
    rng = generator(2024)

    def arguments(intervals: list[tuple[float, float, int]]) -> np.ndarray:
        return np.array([rng.uniform(low, high) for low, high, count in intervals for _ in range(count)])

    angles = [(-40.0, 40.0, 6000), (-4.0, 4.0, 2500), (-0.2, 0.2, 500), (-1e6, 1e6, 1000)]
    bases = [(-math.pi, math.pi, 3000), (-8.0, 8.0, 2000), (0.0, 1e6, 200)]
    bases32 = [(-2.0, 2.0, 4000), (-1000.0, 1000.0, 200)]
    x = arguments(angles)
    y = arguments(bases)
    z = arguments(bases32).astype(np.float32)
    return {
        "seed": "2024",
        "sinCos": {
            "intervals": angles,
            "sin": base64_of(np.array([np.sin(v) for v in x])),
            "cos": base64_of(np.array([np.cos(v) for v in x])),
        },
        "square": {"intervals": bases, "values": base64_of(np.array([v**2 for v in y]))},
        "square32": {"intervals": bases32, "values": base64_of(np.array([v**2 for v in z], dtype=np.float32))},
    }


# --- trajectories --------------------------------------------------------------------------------------------

Policy = Callable[[np.ndarray], float]


def shortest(values: np.ndarray) -> list[float]:
    """float32 values as doubles with the fewest digits that round to them."""
    assert values.dtype == np.float32, values.dtype
    return [float(str(v)) for v in values]


def play(env: gymnasium.Env, steps: int, policy: Policy, **reset_arguments) -> dict:
    """One episode from its reset on; it ends early when the task does."""
    observation, info = env.reset(**reset_arguments)
    assert info == {}
    episode = {
        **reset_arguments,
        "resetObservation": shortest(observation),
        "actions": [],
        "observations": [],
        "rewards": [],
        "terminated": [],
        "truncated": [],
        "info": {},
    }
    if "seed" in reset_arguments:
        episode["seed"] = str(reset_arguments["seed"])
    for _ in range(steps):
        action = np.array([policy(observation)], dtype=np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        assert info == {} and isinstance(reward, float)
        episode["actions"].append(shortest(action)[0])
        episode["observations"].append(shortest(observation))
        episode["rewards"].append(float(reward))
        episode["terminated"].append(terminated)
        episode["truncated"].append(truncated)
        if terminated:
            break
    return episode


def random_policy(seed: int, bound: float) -> Policy:
    """Uniform in ±1.6 bounds, every seventh action at a bound or zero."""
    rng = generator(seed)
    count = 0

    def act(_: np.ndarray) -> float:
        nonlocal count
        count += 1
        action = rng.uniform(-1.6 * bound, 1.6 * bound)
        return float(rng.choice([-bound, 0.0, bound])) if count % 7 == 0 else action

    return act


def session(env_id: str, kwargs: dict, episodes: Callable[[gymnasium.Env], Iterator[dict]]) -> dict:
    env = gymnasium.make(env_id, **kwargs).unwrapped
    return {"kwargs": kwargs, "episodes": list(episodes(env))}


def make_pendulum() -> dict:
    def seeded(seed: int) -> Callable[[gymnasium.Env], Iterator[dict]]:
        def episodes(env: gymnasium.Env) -> Iterator[dict]:
            policy = random_policy(seed + 1000, 2.0)
            yield play(env, 200, policy, seed=seed)
            yield play(env, 20, policy)
            yield play(env, 20, policy, options={"x_init": 30.5, "y_init": 12.0})

        return episodes

    def spinning(env: gymnasium.Env) -> Iterator[dict]:
        yield play(env, 200, lambda observation: 2.0 * math.copysign(1, observation[2]), seed=5)

    return {
        "envId": "Pendulum-v1",
        "sessions": [session("Pendulum-v1", {}, seeded(seed)) for seed in SEEDS]
        + [session("Pendulum-v1", {"g": 9.81}, spinning)],
    }


def make_mountain_car_continuous() -> dict:
    def seeded(seed: int) -> Callable[[gymnasium.Env], Iterator[dict]]:
        def episodes(env: gymnasium.Env) -> Iterator[dict]:
            policy = random_policy(seed + 2000, 1.0)
            yield play(env, 200, policy, seed=seed)
            yield play(env, 20, policy)

        return episodes

    def with_momentum(env: gymnasium.Env) -> Iterator[dict]:
        for scale in (1.0, 1.3, 0.93):

            def policy(observation: np.ndarray, scale: float = scale) -> float:
                return scale if observation[1] >= 0 else -scale

            yield play(env, 160, policy, seed=7)

    def against_the_walls(env: gymnasium.Env) -> Iterator[dict]:
        yield play(env, 60, lambda _: -1.0, seed=8, options={"low": -1.2, "high": -1.0})
        yield play(env, 60, lambda _: 1.5, options={"low": 0.3, "high": 0.44})
        yield play(env, 10, lambda _: -3.0, options={"low": 5.0, "high": 6.0})
        yield play(env, 10, lambda _: 3.0, options={"low": -9})

    env_id = "MountainCarContinuous-v0"
    return {
        "envId": env_id,
        "sessions": [session(env_id, {}, seeded(seed)) for seed in SEEDS]
        + [
            session(env_id, {}, with_momentum),
            session(env_id, {"goal_velocity": 0.068}, with_momentum),
            session(env_id, {"goal_velocity": 0.071}, with_momentum),
            session(env_id, {}, against_the_walls),
        ],
    }


# --- files ---------------------------------------------------------------------------------------------------

FILES = {
    "random.json": make_random,
    "math.json": make_math,
    "pendulum.json": make_pendulum,
    "mountain_car_continuous.json": make_mountain_car_continuous,
}


def count_values(data: object) -> int:
    if isinstance(data, dict):
        return sum(map(count_values, data.values()))
    if isinstance(data, (list, tuple)):
        return sum(map(count_values, data))
    return 1


def differences(old: object, new: object, path: str = "") -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            yield from differences(old[key], new[key], f"{path}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, pair in enumerate(zip(old, new)):
            yield from differences(*pair, f"{path}[{i}]")
    elif repr(old) != repr(new):
        yield f"{path}: committed {str(old)[:60]}, now {str(new)[:60]}"


def check() -> int:
    drifted = False
    for name, make in FILES.items():
        committed = json.loads((HERE / name).read_text(encoding="utf-8"))
        made_with = committed.pop("versions")
        found = list(differences(committed, json.loads(json.dumps(make()))))
        print(f"{name}: {count_values(committed)} values, {len(found)} different (committed with {made_with})")
        for line in found[:10]:
            print(f"  {line}")
        drifted = drifted or bool(found)
    print(f"this run: {versions()}")
    return 1 if drifted else 0


def write() -> int:
    for name, make in FILES.items():
        text = json.dumps({"versions": versions(), **make()}, separators=(",", ":"), allow_nan=False)
        (HERE / name).write_text(text + "\n", encoding="utf-8", newline="\n")
        print(f"{name}: {len(text)} bytes")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed files")
    sys.exit(check() if parser.parse_args().check else write())

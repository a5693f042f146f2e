"""
Remote environments through the Python client, judged by Gymnasium's own checkers. A line of JSON for each id.

    check ADDRESS ID...     gymnasium.utils.env_checker.check_env
    match ADDRESS ID...     check_environments_match over 1000 steps with the local environment, infos in full
    compare ADDRESS ID...   the same over 100 steps, as far as two builds of MuJoCo agree: see `compare`
"""

from __future__ import annotations

import json
import sys
import warnings

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env
from gymnasium.utils.env_match import check_environments_match
from gymnasium.wrappers import TransformReward

import gymwire  # noqa: F401 -- makes gymwire/Remote-v0 known

TOLERANCE = 1e-6


def remote(address: str, env_id: str, **options: object) -> gymnasium.Env:
    return gymnasium.make("gymwire/Remote-v0", address=address, env_id=env_id, **options)


def check(address: str, env_id: str) -> dict[str, object]:
    """With all pictures: the checker makes the environment anew for each render mode."""
    env = remote(address, env_id)
    # That actions should lie in [-1, 1] is advice on the task, which is Gymnasium's own.
    with warnings.catch_warnings():
        warnings.filterwarnings("error")
        warnings.filterwarnings("ignore", message=".*recommend using a symmetric and normalized space.*")
        # Tasks whose observations may be anything have unbounded boxes.
        warnings.filterwarnings("ignore", message=".*Box observation space (minimum|maximum) value is.*infinity.*")
        check_env(env.unwrapped)
    env.close()
    return {"renderModes": env.unwrapped.metadata["render_modes"]}


def match(address: str, env_id: str) -> dict[str, object]:
    """The local reward as a Python float, which is what the wire makes of an int or a numpy.float64; bits are equal."""
    local, there = TransformReward(gymnasium.make(env_id), float), remote(address, env_id)
    check_environments_match(local, there, 1000, seed=11, info_comparison="equivalence")
    there.close()
    return {"steps": 1000}


def compare(address: str, env_id: str) -> dict[str, object]:
    """
    Structure and flags by Gymnasium's checker; observations, rewards and infos by ours: the same types, and values
    within 1e-6 for as long as native MuJoCo agrees with itself, that is, with a native episode whose initial state
    differs in the last bit. Contacts magnify such a difference without bound.
    """
    local, there = gymnasium.make(env_id), remote(address, env_id)
    check_environments_match(
        local, there, 100, seed=11, skip_obs=True, skip_rew=True, info_comparison="keys-equivalence"
    )
    twin = gymnasium.make(env_id)
    starts = [env.reset(seed=12) for env in (local, there, twin)]
    largest = difference((starts[0],), (starts[1],))
    shake(twin)
    local.action_space.seed(12)
    drift, compared = 0.0, 0
    for _ in range(100):
        action = local.action_space.sample()
        ours, theirs, shaken = (env.step(action) for env in (local, there, twin))
        if [type(value) for value in theirs[1:]] != [float, bool, bool, dict] or ours[2:4] != theirs[2:4]:
            raise AssertionError(f"{env_id}: reward and flags {theirs[1:4]}, expected {ours[1:4]}")
        drift = max(drift, difference(ours, shaken))
        if drift > TOLERANCE / 100:
            break
        largest = max(largest, difference(ours, theirs))
        compared += 1
        if ours[2] or ours[3]:
            # Equal so far; an ended episode has no next step.
            for env in (local, there, twin):
                env.reset(seed=13)
            shake(twin)
    if not largest < TOLERANCE:
        raise AssertionError(f"{env_id}: {largest} from the native task in step {compared}")
    there.close()
    return {"compared": compared, "largest": largest, "drift": drift}


def shake(env: gymnasium.Env) -> None:
    state = env.unwrapped
    moved = np.nextafter(state.data.qpos, np.inf)
    state.set_state(moved, state.data.qvel.copy())


def difference(one: tuple[object, ...], other: tuple[object, ...]) -> float:
    """The largest difference between two numbers at the same place; types must be equal, but for the reward's."""
    largest = 0.0
    for index, (a, b) in enumerate(zip(one, other, strict=True)):
        if isinstance(a, dict):
            if list(a) != list(b):
                raise AssertionError(f"infos {list(a)} and {list(b)}")
            for key in a:
                if type(a[key]) is not type(b[key]) or getattr(a[key], "dtype", None) != getattr(b[key], "dtype", None):
                    raise AssertionError(f"info {key} is {type(b[key]).__name__}, expected {type(a[key]).__name__}")
            largest = max(largest, difference(tuple(a.values()), tuple(b.values())))
        elif isinstance(a, tuple):
            largest = max(largest, difference(a, b))
        else:
            gap = np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64))
            scale = np.maximum(1.0, np.abs(np.asarray(a, np.float64)))
            largest = max(largest, float(np.max(gap / scale, initial=0.0)))
            if isinstance(a, np.ndarray) and index == 0 and a.dtype != b.dtype:
                raise AssertionError(f"observations are {b.dtype}, expected {a.dtype}")
    return largest


def main() -> None:
    what, address, *ids = sys.argv[1:]
    judge = {"check": check, "match": match, "compare": compare}[what]
    for env_id in ids:
        print(json.dumps({"envId": env_id, **judge(address, env_id)}), flush=True)


main()

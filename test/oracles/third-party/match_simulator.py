"""
A third-party simulator here and over the wire: equal bit by bit, or this fails and says where. Prints one line of JSON.

    match_simulator.py ADDRESS SERVED_ID LOCAL_ID STEPS [NAME=JSON...]

The simulator is made twice here as well: one that does not agree with itself cannot be compared.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import gymnasium
import numpy as np

import gymwire  # noqa: F401 -- makes gymwire/Remote-v0 known

SEEDS = (1, 22, 333)

#: What no seed decides, by simulator: highway-env's resets report an action that it draws from an unseeded space.
UNSEEDED_RESET_INFO = {"highway_env:parking-v0": {"action"}}


def make_local(env_id: str, arguments: dict[str, Any]) -> gymnasium.Env:
    module, _, name = env_id.rpartition(":")
    return gymnasium.make(f"{module}:{name}" if module else name, disable_env_checker=True, **arguments)


def play(env: gymnasium.Env, steps: int, unseeded: set[str]) -> list[Any]:
    """What each reset and step returned, episode after episode, for actions that depend on nothing but the seed."""
    said: list[Any] = []
    for seed in SEEDS:
        observation, info = env.reset(seed=seed)
        said.append(frozen((observation, {key: info[key] for key in info if key not in unseeded})))
        # Not `action_space.sample()`: highway-env makes its spaces anew at each reset, and their seeds are lost.
        random = np.random.default_rng(seed)
        space = env.action_space
        for _ in range(steps):
            action = random.uniform(space.low, space.high).astype(space.dtype)
            observation, reward, terminated, truncated, info = env.step(action)
            said.append(frozen((observation, float(reward), bool(terminated), bool(truncated), info)))
            if terminated or truncated:
                break
    return said


def frozen(value: Any) -> Any:
    """Comparable with ==, dtype, shape and every bit included; simulators write into their arrays again."""
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [frozen(item) for item in value]
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.tobytes())
    if isinstance(value, np.generic):
        return (str(value.dtype), (), value.tobytes())
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)  # dm_control's step types are integers with names, which travel as integers
    if isinstance(value, float):
        return ("float64", (), np.float64(value).tobytes())
    return value


def first_difference(ours: Any, theirs: Any, where: str) -> str | None:
    if type(ours) is not type(theirs):
        return f"{where}: {ours!r} here, {theirs!r} over the wire"
    if isinstance(ours, dict):
        if ours.keys() != theirs.keys():
            return f"{where}: {sorted(ours)} here, {sorted(theirs)} over the wire"
        return next((d for key in ours if (d := first_difference(ours[key], theirs[key], f"{where}[{key!r}]"))), None)
    if isinstance(ours, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((d for i, (a, b) in pairs if (d := first_difference(a, b, f"{where}[{i}]"))), None)
    return None if ours == theirs else f"{where}: {ours!r} here, {theirs!r} over the wire"


def main() -> None:
    address, served_id, local_id, steps, *pairs = sys.argv[1:]
    arguments = {name: json.loads(value) for name, value in (pair.split("=", 1) for pair in pairs)}
    warnings.simplefilter("ignore")
    unseeded = UNSEEDED_RESET_INFO.get(local_id, set())
    local, twin = (make_local(local_id, arguments) for _ in range(2))
    remote = gymnasium.make("gymwire/Remote-v0", address=address, env_id=served_id)
    ours, again, theirs = (play(env, int(steps), unseeded) for env in (local, twin, remote))
    if (changes := first_difference(ours, again, "")) is not None:
        raise AssertionError(f"{local_id} does not agree with itself: {changes}")
    if (wrong := first_difference(ours, theirs, "")) is not None:
        raise AssertionError(f"{served_id}: {wrong}")
    remote.close()
    print(json.dumps({"steps": len(ours) - len(SEEDS)}))  # noqa: T201


main()

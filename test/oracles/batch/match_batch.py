"""
A batch simulator here and as one session over the wire: equal bit by bit, or this fails and says where. Prints one
line of JSON for each autoreset mode that it has.

    match_batch.py NAME NUM_ENVS STEPS
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

import gymwire
from gymwire.server.batch_registration import gymnasium_vector_registration

SEEDS = (1, 22, 333, 4444, 55555)
#: So short that each seed sees ends.
LIMIT = 40


@dataclass(frozen=True)
class Simulator:
    registration: gymwire.VectorEnvRegistration
    modes: tuple[AutoresetMode, ...]
    #: The local one, by number, mode and seed; where only its factory takes seeds, with that.
    make: Callable[[int, AutoresetMode, int], Any]
    seeded_when_made: bool = False


def envpool(task: str, num_envs: int, seed: int = 42, max_episode_steps: int = LIMIT) -> Any:
    import envpool as package

    return package.make_gymnasium(task, num_envs=num_envs, seed=seed, max_episode_steps=max_episode_steps)


def of_envpool(task: str) -> Simulator:
    make = partial(envpool, task)
    registration = gymwire.VectorEnvRegistration(make)
    local = lambda count, _mode, seed: make(count, seed)  # noqa: E731
    return Simulator(registration, (AutoresetMode.NEXT_STEP,), local, seeded_when_made=True)


def of_make_vec(env_id: str, vectorization_mode: str) -> Simulator:
    kwargs = {"vectorization_mode": vectorization_mode}
    registration = gymnasium_vector_registration(env_id, kwargs)[1]

    def local(count: int, mode: AutoresetMode, _seed: int) -> Any:
        chosen = {"autoreset_mode": mode}
        return gymnasium.make_vec(env_id, count, vector_kwargs=chosen, max_episode_steps=LIMIT, **kwargs)

    return Simulator(registration, tuple(AutoresetMode), local)


SIMULATORS: dict[str, Callable[[], Simulator]] = {
    "envpool:HalfCheetah-v4": partial(of_envpool, "HalfCheetah-v4"),
    "envpool:Pendulum-v1": partial(of_envpool, "Pendulum-v1"),
    "envpool:CartPole-v1": partial(of_envpool, "CartPole-v1"),
    "make_vec:Pendulum-v1:sync": partial(of_make_vec, "Pendulum-v1", "sync"),
    "make_vec:Pendulum-v1:async": partial(of_make_vec, "Pendulum-v1", "async"),
    "make_vec:CartPole-v1:sync": partial(of_make_vec, "CartPole-v1", "sync"),
    "make_vec:HalfCheetah-v5:sync": partial(of_make_vec, "HalfCheetah-v5", "sync"),
}


def expect_same(ours: Any, theirs: Any, where: str) -> None:
    """Bits, dtypes and shapes; of infos without the masks, which not every simulator has."""
    if isinstance(theirs, dict):
        for key in theirs:
            if not key.startswith("_"):
                expect_same(ours[key], theirs[key], f"{where}[{key!r}]")
        return
    if isinstance(theirs, np.ndarray) and theirs.dtype.kind == "O":
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            expect_same(one, other, f"{where}[{index}]")
        return
    one, other = np.asarray(ours), np.asarray(theirs)
    if (one.dtype, one.shape, one.tobytes()) != (other.dtype, other.shape, other.tobytes()):
        raise AssertionError(f"{where}: {other!r} here, {one!r} over the wire")


def play(simulator: Simulator, mode: AutoresetMode, remote: Any, count: int, steps: int) -> int:
    """How many episodes ended."""
    ends = 0
    local = None if simulator.seeded_when_made else simulator.make(count, mode, 0)
    for seed in SEEDS:
        if simulator.seeded_when_made:
            local = simulator.make(count, mode, seed)
        here = local.reset() if simulator.seeded_when_made else local.reset(seed=seed)
        expect_same(remote.reset(seed=seed)[0], here[0], f"seed {seed}, reset")
        random = np.random.default_rng(seed)
        space = local.single_action_space
        for step in range(steps):
            if isinstance(space, gymnasium.spaces.Discrete):
                actions = random.integers(space.n, size=count)
            else:
                actions = random.uniform(space.low, space.high, (count, *space.shape)).astype(space.dtype)
            # EnvPool takes no other integers.
            own = actions.astype(np.int32) if simulator.seeded_when_made and actions.dtype == np.int64 else actions
            here, there = local.step(own), remote.step(actions)
            where = f"{mode.value}, seed {seed}, step {step}"
            names = ("observation", "reward", "terminated", "truncated")
            for name, one, other in zip(names, there[:4], here[:4], strict=True):
                expect_same(one, other.astype(np.float64) if name == "reward" else other, f"{where}: {name}")
            expect_same(there[4], here[4], f"{where}: infos")
            ended = here[2] | here[3]
            ends += int(ended.sum())
            if mode is AutoresetMode.DISABLED and ended.any():
                again = [env.reset(options={"reset_mask": ended.copy()})[0] for env in (remote, local)]
                expect_same(*again, f"{where}: reset by mask")
    local.close()
    return ends


def main() -> None:
    name, count, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    warnings.simplefilter("ignore")
    simulator = SIMULATORS[name]()
    with gymwire.start_server({"Batch-v0": simulator.registration}) as server:
        for mode in simulator.modes:
            remote = gymwire.RemoteVectorEnv(
                count, server.address, "Batch-v0", autoreset_mode=mode, max_episode_steps=LIMIT
            )
            ends = play(simulator, mode, remote, count, steps)
            remote.close()
            print(json.dumps({"mode": mode.value, "ends": ends}))  # noqa: T201


if __name__ == "__main__":
    main()

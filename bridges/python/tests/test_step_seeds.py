"""Seeds that come with a step, for the reset that it may bring."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from gymwire import GymwireError

STEPS = 3


def first_observation(seed):
    env = gymnasium.make("Pendulum-v1")
    observation, _ = env.reset(seed=seed)
    env.close()
    return observation.tolist()


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
@pytest.mark.parametrize("num_envs", [1, 8])
def test_each_episode_begins_as_its_seed_says(serve, remote_vector, mode, num_envs):
    envs = remote_vector(serve(["Pendulum-v1"]), num_envs, "Pendulum-v1", autoreset_mode=mode, max_episode_steps=STEPS)
    envs.reset(seed=0)
    actions = np.zeros((num_envs, 1), np.float32)
    begun, is_reset = 0, False
    for step in range(3 * (STEPS + (mode == "NextStep"))):
        # Another one for each step: those of the steps that reset nothing are ignored.
        seeds = [2**63 + 100 * step + i for i in range(num_envs)]
        observations, _, _, truncated, _ = envs.step(actions, next_seeds=seeds)
        if is_reset or (mode == "SameStep" and truncated.all()):
            assert observations.tolist() == [first_observation(seed) for seed in seeds]
            begun += 1
        is_reset = mode == "NextStep" and truncated.all()
    assert begun == 3


def test_without_seeds_the_stream_goes_on_from_the_last_one(serve, remote_vector):
    envs = remote_vector(serve(["Pendulum-v1"]), 1, "Pendulum-v1", autoreset_mode="SameStep", max_episode_steps=1)
    envs.reset(seed=0)
    action = np.zeros((1, 1), np.float32)
    envs.step(action, next_seeds=[7])
    observation, *_ = envs.step(action)
    local = gymnasium.make("Pendulum-v1")
    local.reset(seed=7)
    assert observation[0].tolist() == local.reset()[0].tolist()


@pytest.mark.parametrize(
    ("mode", "seeds", "message"),
    [
        ("Disabled", [1, 2], "the autoreset mode disabled"),
        ("SameStep", [1], "expected 2 seeds, got 1"),
        ("SameStep", [], "expected 2 seeds, got 0"),
        ("SameStep", [1, -1], "seed: expected an integer from 0 to"),
        ("SameStep", [1, 0.5], "seed: expected an integer from 0 to"),
    ],
)
def test_what_is_wrong_with_them_is_named_and_nothing_moves(serve, remote_vector, mode, seeds, message):
    envs = remote_vector(serve(["Pendulum-v1"]), 2, "Pendulum-v1", autoreset_mode=mode, max_episode_steps=2)
    envs.reset(seed=0)
    actions = np.zeros((2, 1), np.float32)
    with pytest.raises(GymwireError, match=message) as refused:
        envs.step(actions, next_seeds=seeds)
    assert refused.value.code == "INVALID_ARGUMENT"
    assert not envs.step(actions)[3].any()


def test_a_server_that_is_too_old_for_them_is_told_from_one_that_is_not(serve, remote_vector):
    envs = remote_vector(serve(["Pendulum-v1"]), 1, "Pendulum-v1", autoreset_mode="SameStep")
    envs.reset(seed=0)
    envs._session._connection.server.capabilities.remove("step-seeds")
    with pytest.raises(GymwireError, match=r"UNSUPPORTED.*step-seeds"):
        envs.step(np.zeros((1, 1), np.float32), next_seeds=[1])

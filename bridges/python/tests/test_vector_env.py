"""Vector environments over the wire, held against Gymnasium's own in the same process."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.spaces import Discrete
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from sample_envs import Point
from vectoriser import RemoteVectoriser

from gymwire import GymwireError


class CountingEnv(gymnasium.Env):
    """Observes the number of steps; terminates when it is `max_count`. The reward is the action."""

    action_space = Discrete(5)
    observation_space = Discrete(5)
    max_count = 3

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return self.count, {}

    def step(self, action):
        self.count += 1
        return self.count, action, self.count == self.max_count, False, {}


# What Gymnasium 1.4's tests/vector/test_autoreset_mode.py expects of three counting environments that end after 2, 3
# and 3 steps: for each request the observations and the terminations. The test file itself is in no package.
TABLES = {
    AutoresetMode.NEXT_STEP: [
        ("step", [1, 1, 1], [0, 0, 0], [1, 2, 3]),
        ("step", [2, 2, 2], [1, 0, 0], [1, 2, 3]),
        ("step", [0, 3, 3], [0, 1, 1], [0, 2, 3]),
        ("step", [1, 0, 0], [0, 0, 0], [1, 0, 0]),
    ],
    AutoresetMode.SAME_STEP: [
        ("step", [1, 1, 1], [0, 0, 0], [1, 2, 3]),
        ("step", [0, 2, 2], [1, 0, 0], [1, 2, 3]),
        ("step", [1, 0, 0], [0, 1, 1], [1, 2, 3]),
        ("step", [0, 1, 1], [1, 0, 0], [1, 2, 3]),
    ],
    AutoresetMode.DISABLED: [
        ("step", [1, 1, 1], [0, 0, 0], [1, 2, 3]),
        ("step", [2, 2, 2], [1, 0, 0], [1, 2, 3]),
        ("reset", [0, 2, 2], None, None),
        ("step", [1, 3, 3], [0, 1, 1], [1, 2, 3]),
        ("reset", [1, 0, 0], None, None),
        ("step", [2, 1, 1], [1, 0, 0], [1, 2, 3]),
    ],
}


@pytest.mark.parametrize("vectoriser", [SyncVectorEnv, RemoteVectoriser], ids=["Gymnasium", "over the wire"])
@pytest.mark.parametrize("mode", TABLES, ids=lambda mode: mode.value)
def test_autoreset_is_gymnasiums(vectoriser, mode):
    envs = vectoriser([CountingEnv] * 3, autoreset_mode=mode)
    envs.set_attr("max_count", [2, 3, 3])
    try:
        observations, info = envs.reset()
        assert envs.metadata["autoreset_mode"] == mode
        assert (observations.tolist(), info) == ([0, 0, 0], {})
        last = None
        for request, expected, ended, rewards in TABLES[mode]:
            if request == "reset":
                observations, info = envs.reset(options={"reset_mask": last})
            else:
                observations, got, last, truncated, info = envs.step([1, 2, 3])
                assert (got.tolist(), last.tolist(), truncated.any()) == (rewards, list(map(bool, ended)), False)
            assert observations.tolist() == expected
            is_final = mode is AutoresetMode.SAME_STEP and any(ended)
            assert data_equivalence(info, final_info(ended) if is_final else {})
    finally:
        envs.close()


def final_info(ended):
    lengths = [2, 3, 3]
    flags = np.array(ended, bool)
    observations = np.array([n if end else None for n, end in zip(lengths, ended, strict=True)], dtype=object)
    return {"final_obs": observations, "_final_obs": flags, "final_info": {}, "_final_info": flags}


@pytest.mark.parametrize("env_id", ["Pendulum-v1", "HalfCheetah-v5"])
@pytest.mark.parametrize("mode", list(AutoresetMode), ids=lambda mode: mode.value)
def test_it_is_gymnasiums_vector_environment_over_the_wire(serve, remote_vector, env_id, mode):
    """Observations, rewards, flags and infos, through the ends of episodes and masked resets, bit by bit."""
    options = {"max_episode_steps": 5}
    local = SyncVectorEnv([lambda: gymnasium.make(env_id, **options)] * 3, autoreset_mode=mode)
    there = remote_vector(serve([env_id]), 3, env_id, autoreset_mode=mode, **options)
    assert there.observation_space == local.observation_space
    assert there.action_space == local.action_space
    same(there.reset(seed=5), local.reset(seed=5))
    local.action_space.seed(1)
    for step in range(12):
        action = local.action_space.sample()
        ours, theirs = there.step(action), local.step(action)
        same(ours, theirs)
        over = theirs[2] | theirs[3]
        if mode is AutoresetMode.DISABLED and over.any():
            mask = {"reset_mask": over}
            same(there.reset(options=dict(mask)), local.reset(options=dict(mask)))
        if step == 7 and mode is not AutoresetMode.NEXT_STEP:
            # Another reset in mid-episode, of one of them, with seeds for all.
            mask = {"reset_mask": np.array([False, True, False])}
            same(there.reset(seed=[1, 2, 3], options=dict(mask)), local.reset(seed=[1, 2, 3], options=dict(mask)))
    local.close()


def same(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert data_equivalence(one, other, exact=True), (one, other)


def test_gymnasium_makes_it_by_its_id(serve):
    server = serve(Point)
    envs = gymnasium.make_vec(
        "gymwire/Remote-v0",
        num_envs=2,
        vectorization_mode="vector_entry_point",
        address=server.address,
        env_id="Env-v0",
        autoreset_mode="SameStep",
    )
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    observations, _ = envs.reset(seed=1)
    assert observations.shape == (2, 1)
    envs.close()


class Gears(gymnasium.Env):
    observation_space = spaces.Dict({"gear": spaces.Discrete(5, start=-1, dtype=np.int32)})
    action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        return {"gear": np.int32(2)}, {}

    def step(self, action):
        return {"gear": np.int32(action)}, 0.0, False, False, {}


def test_a_batch_of_integers_has_the_dtype_of_its_space(serve, remote_vector):
    local, there = SyncVectorEnv([Gears] * 2), remote_vector(serve(Gears), 2)
    same(there.reset(seed=1), local.reset(seed=1))
    same(there.step(np.array([1, 2])), local.step(np.array([1, 2])))
    assert there.observation_space.contains(there.reset()[0])


def test_refusals_keep_their_codes(serve, remote_vector):
    envs = remote_vector(serve(Point), 2, autoreset_mode="Disabled", max_episode_steps=1)
    with pytest.raises(GymwireError, match="NOT_RESET"):
        envs.step(np.zeros((2, 1), np.float32))
    envs.reset()
    with pytest.raises(GymwireError, match="BAD_ACTION"):
        envs.step(np.zeros((3, 1), np.float32))
    envs.step(np.zeros((2, 1), np.float32))
    with pytest.raises(GymwireError, match="NOT_RESET"):
        envs.step(np.zeros((2, 1), np.float32))
    with pytest.raises(GymwireError, match="INVALID_ARGUMENT"):
        envs.reset(options={"reset_mask": np.array([False, False])})
    with pytest.raises(GymwireError, match="INVALID_ARGUMENT"):
        remote_vector(serve(Point), 2, autoreset_mode="Never")

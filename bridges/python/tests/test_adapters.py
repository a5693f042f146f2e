"""Older interfaces of batch simulators, adapted: what such a simulator does is what a client sees."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from sample_batches import TorchLike

from gymwire import VectorEnvRegistration
from gymwire.adapters import ResettingVectorEnv


class IsaacLike:
    """Counts up by the action; ends at 3, or after 5 steps as `time_outs` tell; is reset by then."""

    num_obs = 2
    num_actions = 1

    def __init__(self, num_envs, *, tells_apart=False, in_a_dictionary=False):
        self.num_envs = num_envs
        self._tells_apart = tells_apart
        self._in_a_dictionary = in_a_dictionary
        self._x = np.zeros(num_envs, np.float32)
        self._steps = np.zeros(num_envs, np.int64)

    def reset(self):
        self._x[:] = 0
        self._steps[:] = 0
        return self._observed(), {}

    def step(self, actions):
        self._x += np.asarray(actions)[:, 0]
        self._steps += 1
        far, late = self._x >= 3, self._steps >= 5
        rewards = self._x.copy()
        done = far | late
        self._x[done] = 0
        self._steps[done] = 0
        cut = late & ~far
        infos = {"log": {"mean": 1.0}, "speed": TorchLike(rewards * 2)}
        if self._tells_apart:
            return self._observed(), TorchLike(rewards), TorchLike(far), TorchLike(cut), infos
        # As Isaac Gym has them: integers, which are compared and combined as tensors are.
        infos["time_outs"] = cut.astype(np.int64)
        return self._observed(), TorchLike(rewards), done.astype(np.int64), infos

    def _observed(self):
        rows = TorchLike(np.stack([self._x, self._steps.astype(np.float32)], axis=1))
        return {"policy": rows} if self._in_a_dictionary else rows


@pytest.mark.parametrize("tells_apart", [False, True], ids=["done and time_outs", "terminated and truncated"])
@pytest.mark.parametrize("in_a_dictionary", [False, True], ids=["an array", "a dictionary"])
def test_what_has_been_reset_by_then_ends_as_it_said_and_its_end_is_unknown(
    serve, remote_vector, tells_apart, in_a_dictionary
):
    def make(num_envs):
        env = IsaacLike(num_envs, tells_apart=tells_apart, in_a_dictionary=in_a_dictionary)
        return ResettingVectorEnv(env, observation_key="policy" if in_a_dictionary else None)

    server = serve({"Isaac-v0": VectorEnvRegistration(make)})
    envs = remote_vector(server, 2, "Isaac-v0")
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    assert envs.remote_spec.batch.final_observations is False
    assert (envs.single_action_space.low, envs.single_action_space.high) == (-1, 1)
    observation, _ = envs.reset()
    assert observation.tolist() == [[0, 0], [0, 0]]
    ends = []
    for _ in range(5):
        observation, rewards, terminated, truncated, infos = envs.step(np.array([[1.0], [0.1]], np.float32))
        ends.append((terminated.tolist(), truncated.tolist()))
        assert "final_obs" not in infos
        assert np.asarray(infos["speed"], np.float32).tolist() == (rewards.astype(np.float32) * 2).tolist()
        assert "log" not in infos
    nothing = [False, False]
    assert ends == [
        (nothing, nothing),
        (nothing, nothing),
        ([True, False], nothing),
        (nothing, nothing),
        (nothing, [False, True]),
    ]
    # The second has been reset in this step, the first two steps before.
    assert observation.tolist() == [[2, 2], [0, 0]]

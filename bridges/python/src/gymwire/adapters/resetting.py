"""
Isaac Gym, Isaac Lab, mjlab and the like, in torch: what has ended is reset in the same step, and its end is forgotten.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces


class ResettingVectorEnv:
    """
    A simulator whose step returns (obs, reward, done, infos), or (obs, reward, terminated, truncated, infos), as
    tensors, and which has by then reset what ended. What those episodes ended with is told by nobody: it says so.

    :param env: has `num_envs`, `reset()` and `step(actions)`; `infos["time_outs"]` says which of `done` were cut off
    :param observation_space: of one environment; None: `env.single_observation_space`, or `env.num_obs` numbers
    :param action_space: as that; or `env.num_actions` numbers from -1 to 1
    :param observation_key: where observations are dictionaries, the one that is the observation, such as "policy"
    """

    def __init__(
        self,
        env: Any,
        *,
        observation_space: Any = None,
        action_space: Any = None,
        observation_key: str | None = None,
    ) -> None:
        self._env = env
        self._key = observation_key
        self.num_envs = int(env.num_envs)
        self.single_observation_space = observation_space or _space_of(env, "observation", "num_obs", observation_key)
        self.single_action_space = action_space or _space_of(env, "action", "num_actions", None)
        self.metadata = {"autoreset_mode": "same-step", "final_observations": False}

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        del options
        given = self._env.reset() if seed is None else self._env.reset(seed=seed)
        observations = given[0] if isinstance(given, tuple) else given
        return self._observation(observations), {}

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        observations, rewards, *flags, infos = self._env.step(self._on_device(actions))
        terminated, truncated = flags if len(flags) == 2 else _told_apart(flags[0], infos)
        return self._observation(observations), rewards, terminated, truncated, _plain(infos)

    def close(self) -> None:
        close = getattr(self._env, "close", None)
        if close is not None:
            close()

    def _observation(self, observations: Any) -> Any:
        return observations if self._key is None else observations[self._key]

    def _on_device(self, actions: Any) -> Any:
        device = getattr(self._env, "device", None)
        if device is None:
            return actions
        return importlib.import_module("torch").as_tensor(actions, device=device)


def _told_apart(done: Any, infos: Mapping[str, Any]) -> tuple[Any, Any]:
    """As bools, on whatever device they are."""
    done = done > 0
    time_outs = infos.get("time_outs")
    if time_outs is None:
        return done, done & ~done
    cut = (time_outs > 0) & done
    return done & ~cut, cut


def _plain(infos: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is told as `truncated`, and without logs of the whole batch, which are no environment's."""
    return {key: value for key, value in infos.items() if key not in {"time_outs", "log", "episode", "observations"}}


def _space_of(env: Any, kind: str, number: str, key: str | None) -> Any:
    single = getattr(env, f"single_{kind}_space", None)
    if single is not None:
        return single if key is None else single[key]
    size = getattr(env, number)
    limit = 1.0 if kind == "action" else np.inf
    return spaces.Box(-limit, limit, (int(size),), np.float32)

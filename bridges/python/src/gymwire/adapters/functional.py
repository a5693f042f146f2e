"""Brax, MuJoCo Playground and the like, in JAX: `reset(key)` gives a state, `step(state, action)` the next one."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces


class FunctionalVectorEnv:
    """
    A batch of an environment whose state is a value, with `obs`, `reward`, `done` and `info`: give it as it is, before
    wrappers that batch it, reset it or cut its episodes. Seeds decide every episode of an environment, whatever the
    others do.

    :param env: has `reset(key)`, `step(state, action)`, `observation_size` and `action_size`
    :param autoreset_mode: "same-step", with true last observations, "next-step" or "disabled", with masks
    :param max_episode_steps: steps until `truncated`; `info["truncation"]` ends episodes so, too
    """

    def __init__(
        self,
        env: Any,
        num_envs: int,
        *,
        autoreset_mode: Any = "same-step",
        max_episode_steps: int | None = 1000,
        action_low: float = -1.0,
        action_high: float = 1.0,
    ) -> None:
        # By name: who serves other simulators has no such library.
        self._jax: Any = importlib.import_module("jax")
        self.num_envs = num_envs
        self.max_episode_steps = max_episode_steps
        self.single_observation_space = _space_of(env.observation_size)
        self.single_action_space = spaces.Box(action_low, action_high, (int(env.action_size),), np.float32)
        mode = getattr(autoreset_mode, "value", autoreset_mode)
        self._mode = {"SameStep": "same-step", "NextStep": "next-step", "Disabled": "disabled"}.get(mode, mode)
        self.metadata = {"autoreset_mode": self._mode}
        self._begin = self._jax.jit(self._begun(env))
        self._step = self._jax.jit(self._jax.vmap(env.step))
        self._keys = self._keys_of(np.random.SeedSequence().generate_state(num_envs).tolist())
        self._state: Any = None
        self._steps = np.zeros(num_envs, np.int64)
        self._ended = np.zeros(num_envs, np.bool_)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        mask = np.asarray((options or {}).get("reset_mask", np.ones(self.num_envs, np.bool_)))
        seeds = [seed + i for i in range(self.num_envs)] if isinstance(seed, int) else seed
        given = np.array([one is not None for one in seeds or [None] * self.num_envs]) & mask
        if given.any():
            fresh = self._keys_of([one or 0 for one in seeds or ()])
            self._keys = self._jax.numpy.where(given[:, None], fresh, self._keys)
        self._restart(mask)
        return self._state.obs, {}

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        resets = self._ended.copy()
        self._state = self._step(self._state, actions)
        done, cut = (np.asarray(flag) > 0 for flag in (self._state.done, self._state.info.get("truncation", 0.0)))
        self._steps += 1
        truncated = np.broadcast_to(cut, done.shape) | (self._steps >= (self.max_episode_steps or np.inf))
        terminated = done & ~cut
        rewards = np.asarray(self._state.reward)
        if self._mode == "next-step" and resets.any():
            # They were stepped along with the others, and begin anew instead.
            self._restart(resets)
            rewards, terminated, truncated = (np.where(resets, 0, one) for one in (rewards, terminated, truncated))
        terminated, truncated = terminated.astype(np.bool_), truncated.astype(np.bool_)
        ended = terminated | truncated
        infos: dict[str, Any] = {}
        if self._mode == "same-step" and ended.any():
            infos = {"final_obs": self._state.obs, "_final_obs": ended}
            self._restart(ended)
        elif self._mode != "same-step":
            self._ended = ended
        return self._state.obs, rewards, terminated, truncated, infos

    def close(self) -> None:
        """Nothing is held that Python does not free."""

    def _restart(self, mask: np.ndarray[Any, Any]) -> None:
        old = self._state
        self._keys, self._state = self._begin(mask, self._keys, old)
        self._steps[mask], self._ended[mask] = 0, False

    def _begun(self, env: Any) -> Any:
        """Where the mask is true, a new episode and the key of the one after it; elsewhere what was there."""
        jax, jnp = self._jax, self._jax.numpy
        reset, split = jax.vmap(env.reset), jax.vmap(jax.random.split)

        def begin(mask: Any, keys: Any, old: Any) -> Any:
            def choose(new: Any, was: Any) -> Any:
                return jnp.where(mask.reshape(-1, *[1] * (new.ndim - 1)), new, was)

            pairs = split(keys)
            state = reset(pairs[:, 1])
            # JAX knows no state yet before the first reset, which is one of all.
            state = state if old is None else jax.tree.map(choose, state, old)
            return choose(pairs[:, 0], keys), state

        return begin

    def _keys_of(self, seeds: Sequence[int]) -> Any:
        # JAX folds a seed into 32 bits; the upper half is folded in where there is one.
        jax = self._jax
        keys = [jax.random.PRNGKey(one & 0xFFFFFFFF) for one in seeds]
        keys = [jax.random.fold_in(key, one >> 32) if one >> 32 else key for key, one in zip(keys, seeds, strict=True)]
        return jax.numpy.stack(keys)


def _space_of(size: Any) -> Any:
    if isinstance(size, Mapping):
        return spaces.Dict({name: _space_of(one) for name, one in size.items()})
    shape = tuple(size) if isinstance(size, (tuple, list)) else (int(size),)
    return spaces.Box(-np.inf, np.inf, shape, np.float32)

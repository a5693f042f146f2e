"""Batch simulators that tests serve, written against no library; and arrays of a library that is not installed."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

OBSERVATION = spaces.Box(-1e6, 1e6, (2,), np.float32)
ACTION = spaces.Box(-1, 1, (1,), np.float32)


class TorchLike:
    """A tensor of a device: NumPy cannot read it before it is on the host, and how often that was asked is counted."""

    copies = 0

    def __init__(self, array, *, on_host=False):
        self.array, self.on_host = array, on_host

    def detach(self):
        return self

    def cpu(self):
        TorchLike.copies += not self.on_host
        return TorchLike(self.array, on_host=True)

    def numpy(self):
        if not self.on_host:
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        return self.array

    def __array__(self, dtype=None, copy=None):
        return self.numpy()


class DrawingCounters:
    """
    Observations are [steps of the episode, a draw at its start]. The action ends the episode: above 0.5 it terminates,
    below -0.5 it is truncated. Written as simulators are that know nothing of single environments: every array is
    written into again.
    """

    single_observation_space = OBSERVATION
    single_action_space = ACTION
    names_finals = ("final_obs", "final_info")

    def __init__(self, num_envs, mode="same-step", wrap=None, seed=None, max_episode_steps=None):
        self.num_envs, self.mode, self.wrap = num_envs, mode, wrap or (lambda array: array)
        self.metadata = {"autoreset_mode": mode}
        self.limit = max_episode_steps or 10**9
        self.seed_made_with = seed
        self.random = [np.random.default_rng(None if seed is None else seed + i) for i in range(num_envs)]
        self.observation = np.zeros((num_envs, 2), np.float32)
        self.rewards = np.zeros(num_envs, np.float32)
        self.terminated, self.truncated = np.zeros((2, num_envs), np.bool_)
        self.was_ended = np.zeros(num_envs, np.bool_)
        self.resets = 0

    def _begin(self, mask):
        for i in np.flatnonzero(mask):
            self.observation[i] = 0, self.random[i].integers(1000)

    def reset(self, *, seed=None, options=None):
        self.resets += 1
        mask = (options or {}).get("reset_mask", np.ones(self.num_envs, np.bool_))
        seeds = seed if isinstance(seed, list) else [None if seed is None else seed + i for i in range(self.num_envs)]
        for i in np.flatnonzero(mask):
            if seeds[i] is not None:
                self.random[i] = np.random.default_rng(seeds[i])
        self._begin(mask)
        self.was_ended &= ~mask
        return self.wrap(self.observation), {"resets": np.full(self.num_envs, self.resets), "_resets": mask}

    def step(self, actions):
        told, infos = np.asarray(actions)[:, 0], {}
        resetting = self.was_ended if self.mode == "next-step" else np.zeros_like(self.was_ended)
        if self.mode == "disabled":
            assert not self.was_ended.any()
        self.observation[:, 0] += ~resetting
        self.rewards[:] = np.where(resetting, 0, self.observation[:, 0])
        self.terminated[:] = (told > 0.5) & ~resetting
        self.truncated[:] = ((told < -0.5) | (self.observation[:, 0] >= self.limit)) & ~resetting
        self._begin(resetting)
        ended = self.terminated | self.truncated
        infos["count"] = self.wrap(self.observation[:, 0].copy())
        if self.mode == "same-step" and ended.any():
            if self.names_finals:
                last, info = self.names_finals
                infos[last] = self.wrap(self.observation.copy())
                infos[f"_{last}"] = ended.copy()
                infos[info] = {"why": self.observation[:, 0].copy(), "_why": ended.copy()}
            self._begin(ended)
            ended = np.zeros_like(ended)
        self.was_ended = ended
        arrays = (self.observation, self.rewards, self.terminated, self.truncated)
        return (*map(self.wrap, arrays), infos)

    def describe(self, word):
        return [f"{word} {i}" for i in range(self.num_envs)]

    @property
    def gravity(self):
        return 9.81

    def close(self):
        pass

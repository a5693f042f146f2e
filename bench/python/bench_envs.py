"""Environments of the bench."""

import gymnasium
import numpy as np


class ShapeEnv(gymnasium.Env):
    """Spaces of a given size and next to no dynamics; the same as the bench's own in TypeScript. Never terminates."""

    def __init__(self, observation_size, action_size):
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (observation_size,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (action_size,), np.float32)
        # RLtools reads the limit here; elsewhere a wrapper keeps it.
        self.spec = gymnasium.envs.registration.EnvSpec("Shape-v0", max_episode_steps=1000)
        # Observation i leans towards the action's dimension i modulo its size.
        self._source = np.arange(observation_size) % action_size
        self._observation = np.zeros(observation_size, np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._observation = self.np_random.standard_normal(self._source.size).astype(np.float32)
        return self._observation, {}

    def step(self, action):
        action = np.asarray(action, np.float32)
        self._observation = np.float32(0.9) * self._observation + np.float32(0.1) * action[self._source]
        return self._observation, -float(action @ action), False, False, {}

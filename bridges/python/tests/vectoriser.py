"""
Stands in for Gymnasium's vectorisers (`SyncVectorEnv([...], autoreset_mode=…)`) and steps the environments through a
gymwire server. `set_attr` works before the first reset: the factories hand the values on.
"""

from __future__ import annotations

import gymnasium
from gymnasium.vector.vector_env import AutoresetMode

import gymwire


class _MakeNext:
    """Called once for each copy, in order, in the session's process."""

    def __init__(self, env_fns, attributes):
        self._env_fns = env_fns
        self._attributes = attributes
        self._made = 0

    def __call__(self):
        index = self._made
        self._made += 1
        env = self._env_fns[index]()
        for name, values in self._attributes.items():
            setattr(env.unwrapped, name, values[index])
        return env


class RemoteVectoriser(gymnasium.vector.VectorEnv):
    def __init__(self, env_fns, autoreset_mode=AutoresetMode.NEXT_STEP, **_):
        self._env_fns = list(env_fns)
        self._mode = AutoresetMode(autoreset_mode)
        self._attributes = {}
        self._envs = None
        self._server = None
        self.num_envs = len(self._env_fns)
        self.metadata = {"autoreset_mode": self._mode}
        template = self._env_fns[0]()
        self.single_observation_space = template.observation_space
        self.single_action_space = template.action_space

    def set_attr(self, name, values):
        self._attributes[name] = values if isinstance(values, (list, tuple)) else [values] * self.num_envs

    def reset(self, *, seed=None, options=None):
        if self._envs is None:
            self._server = gymwire.start_server(_MakeNext(self._env_fns, self._attributes))
            self._envs = gymwire.RemoteVectorEnv(
                self.num_envs, self._server.address, "Env-v0", autoreset_mode=self._mode
            )
            self.observation_space = self._envs.observation_space
            self.action_space = self._envs.action_space
            self.metadata = self._envs.metadata
        return self._envs.reset(seed=seed, options=options)

    def step(self, actions):
        return self._envs.step(actions)

    def close_extras(self, **_):
        if self._envs is not None:
            self._envs.close()
            self._server.shutdown()

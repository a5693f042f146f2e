"""Pendulum, with a simulator that takes its time: a raylet can be killed while somebody trains on it."""

from __future__ import annotations

import time

import gymnasium


class SlowPendulum(gymnasium.Wrapper):
    def __init__(self):
        super().__init__(gymnasium.make("Pendulum-v1"))

    def step(self, action):
        time.sleep(0.005)
        return super().step(action)

"""Pendulum that stands still in the middle of a training until a test lets it go on, and so cannot end before that."""

from __future__ import annotations

import os
import time
from pathlib import Path

import gymnasium

#: In the middle of an episode: one without a step is none that could be lost. Environments of evaluations make fewer.
_STEPS_BEFORE = 650


class HeldPendulum(gymnasium.Wrapper):
    """Goes on once the file is away that `GYMWIRE_TEST_HOLD` names."""

    def __init__(self):
        super().__init__(gymnasium.make("Pendulum-v1"))
        self._steps = 0

    def step(self, action):
        self._steps += 1
        if self._steps > _STEPS_BEFORE:
            while Path(os.environ["GYMWIRE_TEST_HOLD"]).exists():
                time.sleep(0.02)
        return super().step(action)

"""Environments that tests serve: plain classes, without Gymnasium's base class."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
from gymnasium import spaces


class Point:
    """The observation is where you are, the action how far to go."""

    observation_space = spaces.Box(-10, 10, (1,), np.float64)
    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, start: float = 0.0, limit: int = 1000, model_path: str = "none"):
        self._start = start
        self._limit = limit
        self.model_path = model_path

    def reset(self, *, seed=None, options=None):
        self._at, self._steps = self._start, 0
        return self._observe(), {"pid": os.getpid(), "options": options, "seed": seed}

    def step(self, action):
        self._steps += 1
        self._at += float(action[0])
        return self._observe(), -abs(self._at), self._steps >= self._limit, False, {"steps": self._steps}

    def _observe(self):
        return np.array([self._at], np.float64)


class Misbehaving(Point):
    """Does what reset option `then` says, in the step after."""

    def reset(self, *, seed=None, options=None):
        self._then = (options or {}).get("then", "")
        return super().reset(seed=seed, options=options)

    def step(self, action):
        if self._then == "exit":
            print("the gearbox is on fire", file=sys.stderr, flush=True)
            os._exit(7)
        if self._then == "hang":
            time.sleep(600)
        if self._then == "raise":
            raise RuntimeError("no more fuel")
        if self._then == "print":
            print("a simulator that prints to stdout", flush=True)
        return super().step(action)


class Leashed(Point):
    """Steps until its client's stream ends, and writes down that it was told."""

    def __init__(self, log="detached"):
        super().__init__()
        self._log = Path(log)
        self._detached = False

    def detach(self):
        self._detached = True
        self._log.write_text("detached")

    def step(self, action):
        while not self._detached:
            time.sleep(0.01)
        return super().step(action)


class Gated(Point):
    """Steps once a file `go` is in the folder; says with a file `started` that it waits."""

    def __init__(self, folder="."):
        super().__init__()
        self._folder = Path(folder)

    def step(self, action):
        (self._folder / "started").touch()
        while not (self._folder / "go").exists():
            time.sleep(0.01)
        return super().step(action)

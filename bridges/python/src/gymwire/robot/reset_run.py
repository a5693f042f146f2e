"""One reset under way: the driver's own, then the wait for a fresh sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gymwire.robot.answer import Answer
from gymwire.robot.driver import Sample
from gymwire.robot.sensor_watch import SensorWatch
from gymwire.robot.settings import LoopSettings

# The same time before or after rounding.
_ROUNDING_MS = 1e-6


@dataclass
class ResetRun:
    answer: Answer
    started_at_ms: float
    #: What the driver wants commanded; None: nothing.
    target: NDArray[np.float64] | None = None
    #: When the driver was through; None: it is not.
    done_at_ms: float | None = None
    #: Of the newest tick.
    sample: Sample | None = None

    def moves_blindly(self, sensor: SensorWatch, now_ms: float, settings: LoopSettings) -> bool:
        """A reset may bring a silent sensor back, but not move the robot for longer than a client may."""
        if self.target is None or sensor.is_fresh_at(now_ms):
            return False
        return now_ms - self.started_at_ms > settings.max_observation_age_ms + _ROUNDING_MS

    def is_over(self, sensor: SensorWatch, now_ms: float) -> bool:
        """With the first fresh sample that comes after the driver was through."""
        return self.done_at_ms is not None and sensor.came_at_ms > self.done_at_ms and sensor.is_fresh_at(now_ms)

    def failure(self, sensor: SensorWatch, now_ms: float, settings: LoopSettings) -> str | None:
        """Why there will be no such sample."""
        timeout_ms = settings.observation_timeout_ms
        if self.done_at_ms is None or now_ms - self.done_at_ms < timeout_ms:
            return None
        got = "none came" if sensor.values is None else f"the last one is {sensor.describe_at(now_ms)}"
        return f"expected a fresh observation within {timeout_ms:g} ms; {got}"

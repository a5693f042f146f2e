"""The driver as the control loop uses it: samples checked, commands limited, faults told instead of raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gymwire.errors import describe_exception
from gymwire.robot.driver import CommandKind, Numbers, RobotDriver, Sample
from gymwire.robot.settings import LoopSettings

Flags = NDArray[np.bool_]


class DriverPort:
    def __init__(
        self,
        driver: RobotDriver,
        settings: LoopSettings,
        on_fault: Callable[[str], None],
        on_stop_fault: Callable[[str], None],
    ) -> None:
        """
        :param on_fault: `read` or `write` raised, or a sample is none
        :param on_stop_fault: `emergency_stop` raised
        """
        self._driver: Any = driver
        self._settings = settings
        self._on_fault = on_fault
        self._on_stop_fault = on_stop_fault
        #: What was written last; the safe action before anything was.
        self.command: NDArray[np.float64] = settings.safe_action
        #: The newest sample so far.
        self.values: NDArray[np.float64] | None = None
        self.age_ms = 0.0

    @property
    def is_fresh(self) -> bool:
        return self.values is not None and self.age_ms <= self._settings.max_observation_age_ms

    def read(self) -> Sample | None:
        try:
            sample: Sample | None = self._driver.read()
            if sample is not None:
                self.values, self.age_ms = _checked(sample, self._settings.observation_size)
        except Exception as thrown:  # noqa: BLE001 -- a driver may raise anything, and the loop must go on
            self._on_fault(f"the driver could not read: {describe_exception(thrown)}")
            return None
        return sample

    def write_limited(self, target: Numbers, kind: CommandKind) -> tuple[Flags, Flags]:
        """By dimension, whether the target was outside its range, and whether it was too far for one tick."""
        wanted = np.asarray(target, np.float64).reshape(self.command.shape)
        in_range = np.clip(wanted, self._settings.low, self._settings.high)
        change = self._settings.max_change_per_tick
        command = np.clip(in_range, self.command - change, self.command + change)
        self._write(command, kind)
        return in_range != wanted, command != in_range

    def write_safe(self) -> None:
        """At once: rate limits are for those in control."""
        self._write(self._settings.safe_action, "safe")

    def write_emergency_stop(self, reason: str) -> None:
        stop = getattr(self._driver, "emergency_stop", None)
        if stop is None:
            self.write_safe()
            return
        self.command = self._settings.safe_action
        try:
            stop(reason)
        except Exception as thrown:  # noqa: BLE001
            self._on_stop_fault(f"the driver's emergency_stop failed: {describe_exception(thrown)}")
            self.write_safe()

    def _write(self, command: NDArray[np.float64], kind: CommandKind) -> None:
        self.command = command
        try:
            self._driver.write(command.copy(), kind)
        except Exception as thrown:  # noqa: BLE001
            self._on_fault(f"the driver could not write: {describe_exception(thrown)}")


def _checked(sample: Sample, size: int) -> tuple[NDArray[np.float64], float]:
    values = np.array(sample.values, np.float64).reshape(-1)
    if values.shape != (size,):
        raise ValueError(f"expected a sample of {size} numbers, got {values.size}")
    if not np.all(np.isfinite(values)):
        wrong = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"number {wrong} of the sample is {values[wrong]}")
    if not sample.age_ms >= 0:
        raise ValueError(f"expected a sample's age of 0 ms or more, got {sample.age_ms}")
    return values, float(sample.age_ms)

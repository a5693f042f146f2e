"""The driver as the control loop uses it: samples watched, commands limited, faults told instead of raised."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gymwire.errors import describe_exception
from gymwire.robot.clock import Clock
from gymwire.robot.driver import CommandKind, Numbers, RobotDriver, Sample
from gymwire.robot.pending_calls import PendingCalls, refuse_awaitable
from gymwire.robot.sensor_watch import SensorWatch
from gymwire.robot.settings import LoopSettings

_log = logging.getLogger("gymwire.robot")

Flags = NDArray[np.bool_]


class DriverPort:
    def __init__(
        self, driver: RobotDriver, settings: LoopSettings, clock: Clock, on_fault: Callable[[str], None]
    ) -> None:
        """:param on_fault: `read` or `write` failed, or a sample is none"""
        self._driver: Any = driver
        self._settings = settings
        self._clock = clock
        self._on_fault = on_fault
        self._pending = PendingCalls(settings.watchdog_ms)
        self._is_older_told = False
        #: What was written last; the safe action before anything was.
        self.command: NDArray[np.float64] = settings.safe_action
        self.sensor = SensorWatch(settings.observation_size, settings.max_observation_age_ms)

    def restart(self) -> None:
        """A reset begins."""
        self.sensor.restart()
        self._is_older_told = False

    def read(self) -> Sample | None:
        """Also looks after calls that have not come to their end."""
        self._pending.look(self._clock.now_ms())
        try:
            sample: Sample | None = self._driver.read()
            refuse_awaitable(sample, "read")
            # A read takes time, in which the sample may have been measured.
            if self.sensor.take(sample, self._clock.now_ms()) == "older":
                self._tell_older()
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

        def fall_back(why: str) -> None:
            _log.error("the driver's emergency_stop failed: %s", why)
            self.write_safe()

        self._call(lambda: stop(reason), "emergency_stop", fall_back)

    def _write(self, command: NDArray[np.float64], kind: CommandKind) -> None:
        self.command = command
        self._call(
            lambda: self._driver.write(command.copy(), kind),
            "write",
            lambda why: self._on_fault(f"the driver could not write: {why}"),
        )

    def _call(self, call: Callable[[], object], name: str, on_fault: Callable[[str], None]) -> None:
        try:
            result = call()
            refuse_awaitable(result, name)
        except Exception as thrown:  # noqa: BLE001
            on_fault(describe_exception(thrown))
        else:
            self._pending.add(result, self._clock.now_ms(), on_fault)

    def _tell_older(self) -> None:
        # Once a reset: it may happen at every tick.
        if not self._is_older_told:
            self._is_older_told = True
            _log.warning(
                "the driver handed out a sample whose measured_at_ms is before that of the one before: it is ignored, "
                "as are more of them"
            )


def checked_target(values: Numbers, size: int) -> NDArray[np.float64]:
    """A copy of what is to be limited. Raises ValueError for what no limit could make a command of."""
    target = np.array(values, np.float64).reshape(-1)
    if target.shape != (size,):
        raise ValueError(f"expected a command of {size} numbers, got {target.size}")
    if not np.all(np.isfinite(target)):
        wrong = int(np.argmin(np.isfinite(target)))
        raise ValueError(f"number {wrong} of the command is {target[wrong]}")
    return target

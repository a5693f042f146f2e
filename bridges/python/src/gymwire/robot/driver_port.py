"""The driver as the control loop uses it: samples watched, faults told instead of raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gymwire.errors import describe_exception
from gymwire.robot.clock import Clock
from gymwire.robot.driver import CommandKind, RobotDriver, Sample
from gymwire.robot.loop_event import LoopEvent
from gymwire.robot.pending_calls import PendingCalls, refuse_awaitable
from gymwire.robot.sensor_watch import SensorWatch
from gymwire.robot.settings import LoopSettings


class DriverPort:
    def __init__(
        self,
        driver: RobotDriver,
        settings: LoopSettings,
        clock: Clock,
        do_soon: Callable[[Callable[[], None]], None],
        on_fault: Callable[[str], None],
        tell: Callable[[LoopEvent], None],
    ) -> None:
        """
        :param do_soon: calls in the loop's turn, and not in the thread that it is called by
        :param on_fault: `read` or `write` failed, or a sample is none
        :param tell: what is odd, and the robot goes on, or what the emergency stop failed with
        """
        self._driver: Any = driver
        self._safe_action = settings.safe_action
        self._clock = clock
        self._on_fault = on_fault
        self._tell = tell
        self._pending = PendingCalls(settings.watchdog_ms, do_soon)
        self._is_older_told = False
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

    def write(self, command: NDArray[np.float64], kind: CommandKind) -> None:
        self._call(
            lambda: self._driver.write(command.copy(), kind),
            "write",
            lambda why: self._on_fault(f"the driver could not write: {why}"),
        )

    def write_emergency_stop(self, reason: str) -> None:
        stop = getattr(self._driver, "emergency_stop", None)
        if stop is None:
            self._write_safe()
            return

        def fall_back(why: str) -> None:
            self._tell(LoopEvent("driver-fault", f"the driver's emergency_stop failed: {why}"))
            self._write_safe()

        self._call(lambda: stop(reason), "emergency_stop", fall_back)

    def _write_safe(self) -> None:
        self.write(self._safe_action, "safe")

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
            message = (
                "the driver handed out a sample whose measured_at_ms is before that of the one before: it is ignored, "
                "as are more of them"
            )
            self._tell(LoopEvent("oddity", message))

"""A client's actions on their way to the robot: each is written once, then held, then the next one is late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gymwire.robot.answer import Answer
from gymwire.robot.driver import Numbers
from gymwire.robot.driver_port import DriverPort, Flags, checked_target
from gymwire.robot.settings import LoopSettings


@dataclass
class _Step:
    values: NDArray[np.float64]
    answer: Answer
    #: The tick at which it was carried out first.
    applied_at: int | None = None


class ActionRun:
    def __init__(self, port: DriverPort, settings: LoopSettings) -> None:
        self._port = port
        self._settings = settings
        self._step: _Step | None = None
        # Of the last action: the target, when it came, and the tick at which it was carried out first.
        self._target: NDArray[np.float64] = settings.safe_action
        self._came_at_ms = 0.0
        self._applied_at = 0
        self._late_ticks = 0
        self.restart()

    def restart(self) -> None:
        """A new episode: nothing was limited yet."""
        none = np.zeros(self._settings.safe_action.shape, np.bool_)
        #: Of the last action, when it was carried out first: by range, and by rate.
        self.limited: tuple[Flags, Flags] = (none, none)

    def waited_ms(self, now_ms: float) -> float:
        """Since the last action came."""
        return now_ms - self._came_at_ms

    def take(self, action: Numbers, answer: Answer, now_ms: float) -> None:
        """Raises ValueError for what is no action. A step that this one comes upon fails."""
        values = checked_target(action, self._target.size)
        if self._step is not None:
            self._step.answer.fail("another action came before this one was answered")
        self._step = _Step(values, answer)
        self._came_at_ms = now_ms

    def write(self, tick: int) -> None:
        """What a client in control gets at a tick."""
        step = self._step
        if step is not None and step.applied_at is None:
            step.applied_at = self._applied_at = tick
            self._target = step.values
            self.limited = self._port.write_limited(step.values, "action")
            return
        # The tick after an action brings its observation; only the one after that could have brought the next action.
        is_late = tick - self._applied_at > 1
        self._late_ticks += is_late
        rule = self._settings.late_actions if is_late else "hold"
        if rule == "hold":
            self._port.write_limited(self._target, "hold")
        elif rule == "zero":
            self._port.write_limited(np.zeros_like(self._target), "zero")
        else:
            self._port.write_safe()

    def take_finished(self, tick: int, *, is_running: bool) -> Answer | None:
        """Of the step that is to be answered: at the tick after its first, or now when it has no future."""
        step = self._step
        if step is None:
            return None
        is_due = step.applied_at is not None and step.applied_at < tick
        if is_running and not is_due:
            return None
        self._step = None
        return step.answer

    def take_late_ticks(self) -> int:
        """Ticks without an action where one was due, since the call before."""
        late_ticks, self._late_ticks = self._late_ticks, 0
        return late_ticks

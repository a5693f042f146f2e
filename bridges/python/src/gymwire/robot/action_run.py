"""A client's actions on their way to the robot: each is commanded once, then held, then the next one is late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gymwire.robot.answer import Answer
from gymwire.robot.driver import CommandKind
from gymwire.robot.settings import LoopSettings


@dataclass
class _Step:
    answer: Answer
    values: NDArray[np.float64]
    #: The tick at which it was carried out first.
    applied_at: int | None = None


class ActionRun:
    def __init__(self, settings: LoopSettings) -> None:
        self._settings = settings
        self._step: _Step | None = None
        # Of the last action: the target, when it came, and the tick at which it was carried out first.
        self._target: NDArray[np.float64] = settings.safe_action
        self._came_at_ms = 0.0
        self._applied_at = 0
        self._late_ticks = 0

    def waited_ms(self, now_ms: float) -> float:
        """Since the last action came."""
        return now_ms - self._came_at_ms

    def take(self, answer: Answer, values: NDArray[np.float64], now_ms: float) -> Answer | None:
        """Returns that of a step that this one came upon, which has no answer yet."""
        before = None if self._step is None else self._step.answer
        self._step = _Step(answer, values)
        self._came_at_ms = now_ms
        return before

    def next(self, tick: int) -> tuple[CommandKind, NDArray[np.float64]]:
        """What a client in control gets at a tick: why, and the target, to be limited unless it is the safe action."""
        step = self._step
        if step is not None and step.applied_at is None:
            step.applied_at = self._applied_at = tick
            self._target = step.values
            return "action", step.values
        # The tick after an action brings its observation; only the one after that could have brought the next action.
        is_late = tick - self._applied_at > 1
        self._late_ticks += is_late
        rule = self._settings.late_actions if is_late else "hold"
        if rule == "hold":
            return "hold", self._target
        if rule == "zero":
            return "zero", np.zeros_like(self._target)
        return "safe", self._settings.safe_action

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

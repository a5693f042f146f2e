"""What the control loop has to say to a step or a reset."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class RobotError(Exception):
    """Why the robot did not do what was asked for."""


@dataclass(frozen=True)
class Observed:
    """One observation and how it came about."""

    values: NDArray[np.float64]
    #: When it was handed out.
    age_ms: float
    #: Ticks since the loop was started, also those that were missed.
    tick: int
    #: When the tick began, since the loop was started, and how long after its time.
    time_ms: float
    tick_delay_ms: float
    #: What the robot was told last before this tick.
    command: NDArray[np.float64]
    #: Of the action, when it was carried out first.
    range_limited: NDArray[np.bool_]
    rate_limited: NDArray[np.bool_]
    #: Since the observation before: ticks without an action where one was due, that did not take place, that took
    #: longer than a period.
    late_ticks: int
    missed_ticks: int
    overruns: int
    #: Why the robot was stopped since the observation before; empty: it was not.
    stopped_by: str
    #: The robot stays stopped until a reset; an action that led here was not carried out, or cut short.
    is_over: bool


class Answer:
    """Waits for what the loop has to say to an action or a reset."""

    def __init__(self) -> None:
        self._given = threading.Event()
        self._observed: Observed | None = None
        self._error: RobotError | None = None

    def wait(self, timeout: float | None = None) -> Observed:
        """Raises RobotError; TimeoutError when nothing came in time."""
        if not self._given.wait(timeout):
            raise TimeoutError("the control loop did not answer")
        if self._error is not None:
            raise self._error
        if self._observed is None:
            raise RobotError("the control loop gave no observation")
        return self._observed

    @property
    def is_given(self) -> bool:
        return self._given.is_set()

    def give(self, observed: Observed) -> None:
        self._observed = observed
        self._given.set()

    def fail(self, message: str) -> None:
        self._error = RobotError(message)
        self._given.set()

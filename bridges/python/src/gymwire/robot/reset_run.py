"""What the driver's own reset uses while it is under way: ticks, confirmations, and the signal that ends it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from gymwire.robot.answer import Answer, RobotError
from gymwire.robot.driver import Sample


class ResetSignal:
    """Aborted by an emergency stop, by a client that goes away, by the next reset, and when the robot is closed."""

    def __init__(self) -> None:
        self._aborted = threading.Event()
        self._reason: str | None = None

    @property
    def aborted(self) -> bool:
        return self._aborted.is_set()

    @property
    def reason(self) -> str | None:
        return self._reason

    def wait(self, timeout_s: float | None = None) -> bool:
        """Sleeps until it is aborted, or the time is up. Returns whether it is aborted."""
        return self._aborted.wait(timeout_s)

    def raise_if_aborted(self) -> None:
        """Raises RobotError."""
        if self.aborted:
            raise RobotError(f"the reset was cut short: {self._reason}")

    def abort(self, reason: str) -> None:
        """The control loop's to call."""
        self._reason = reason
        self._aborted.set()


@dataclass
class Question:
    """What a person is asked to do."""

    message: str
    is_done: bool = False


@dataclass
class ResetRun:
    answer: Answer
    signal: ResetSignal = field(default_factory=ResetSignal)
    #: Of the newest tick.
    sample: Sample | None = None
    #: Those that wait for an answer, the oldest first.
    questions: deque[Question] = field(default_factory=deque)
    #: The driver has come back from it.
    is_over: bool = False

    @property
    def has_ended(self) -> bool:
        """Whichever way."""
        return self.is_over or self.signal.aborted

    def raise_if_over(self) -> None:
        """Raises RobotError: a thread that the driver left behind has nothing to say any more."""
        self.signal.raise_if_aborted()
        if self.is_over:
            raise RobotError("the reset is over")

    @property
    def question(self) -> str | None:
        return self.questions[0].message if self.questions else None

    def ask(self, message: str) -> Question:
        question = Question(message)
        self.questions.append(question)
        return question

    def confirm(self) -> None:
        if self.questions:
            self.questions.popleft().is_done = True

    def end(self) -> None:
        """The driver has come back; whoever else asks a person waits no more."""
        self.is_over = True
        self.questions.clear()

    def abort(self, reason: str) -> None:
        if not self.signal.aborted:
            self.signal.abort(reason)
            self.questions.clear()

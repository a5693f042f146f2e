"""
The loop's thread and others take turns. A driver that blocks keeps the turn, and the watchdog with it: whoever waits is
told after a while, and what stops the robot is kept until the driver lets go.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gymwire.robot.answer import Answer, Observed, RobotError

_log = logging.getLogger("gymwire.robot")


class LoopTurns:
    def __init__(self, patience_ms: float) -> None:
        """:param patience_ms: how long a loop may stand still before others are told"""
        self._changed = threading.Condition(threading.RLock())
        self._patience_s = patience_ms / 1000
        self._postponed: deque[Callable[[], None]] = deque()
        self._beats = 0

    @contextmanager
    def of_loop(self) -> Iterator[None]:
        """The loop's own turn; whoever waits for a change looks afterwards."""
        with self._changed:
            self._beats += 1
            yield
            self._changed.notify_all()

    @contextmanager
    def of_others(self) -> Iterator[None]:
        """Raises RobotError when the loop stands still."""
        if not self._changed.acquire(timeout=self._patience_s):
            raise self.standstill()
        try:
            yield
        finally:
            self._changed.notify_all()
            self._changed.release()

    def do_or_postpone(self, call: Callable[[], None]) -> bool:
        """What stops the robot must not get lost. Returns whether it is done; the loop does it later if not."""
        if not self._changed.acquire(timeout=self._patience_s):
            self._postponed.append(call)
            _log.critical("%s", self.standstill())
            return False
        try:
            call()
        finally:
            self._changed.notify_all()
            self._changed.release()
        return True

    def do_soon(self, call: Callable[[], None]) -> None:
        """
        As `do_or_postpone`, in a thread of its own: the caller's may hold what the driver waits for, in the loop's turn
        or in this one.
        """
        threading.Thread(target=self.do_or_postpone, args=(call,), name="robot-fault", daemon=True).start()

    def do_postponed(self) -> None:
        while self._postponed:
            self._postponed.popleft()()

    def wait(self, answer: Answer) -> Observed:
        """As long as it takes, while the loop ticks. Raises RobotError."""
        beats = self._beats
        while True:
            try:
                return answer.wait(self._patience_s)
            except TimeoutError:
                if self._beats == beats:
                    raise self.standstill() from None
                beats = self._beats

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """In a turn, which others take meanwhile. Raises RobotError when the loop stands still."""
        beats = self._beats
        while not self._changed.wait_for(is_so, self._patience_s):
            if self._beats == beats:
                raise self.standstill()
            beats = self._beats

    def standstill(self) -> RobotError:
        return RobotError(
            f"the control loop has not ticked for {self._patience_s * 1000:.0f} ms: its driver keeps it; the robot's "
            "own timeout must act"
        )

"""One timer for many calls in turn: each sets the time anew, and the timer looks when it rings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """A timer of asyncio's for each call would cost more than its answer takes to be read."""

    def __init__(self, on_late: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_late = on_late
        self._at: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        self._at = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._at:
            self.cancel_timer()
            self._timer = self._loop.call_at(self._at, self._look)

    def clear(self) -> None:
        """The answer is there. The timer stays, for the next call."""
        self._at = None

    def cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._at is None:
            return
        if self._loop.time() >= self._at:
            self._at = None
            self._on_late()
        else:
            self._timer = self._loop.call_at(self._at, self._look)

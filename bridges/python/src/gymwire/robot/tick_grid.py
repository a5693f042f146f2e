"""When ticks are. The grid is counted from the start, so that lateness does not add up."""

from __future__ import annotations

import math

# A wake-up at a tick's very time counts as this tick, rounding or not.
_ROUNDING_MS = 1e-6


class TickGrid:
    def __init__(self, period_ms: float, start_ms: float) -> None:
        self._period_ms = period_ms
        self._start_ms = start_ms
        self._missed_ticks = 0
        self._overruns = 0
        #: Of the newest tick, since the start; those that did not take place are counted too.
        self.tick = 0
        #: How long after its time the newest tick began.
        self.delay_ms = 0.0

    @property
    def next_ms(self) -> float:
        return self._start_ms + (self.tick + 1) * self._period_ms

    @property
    def time_ms(self) -> float:
        """When the newest tick began, since the start."""
        return self.tick * self._period_ms + self.delay_ms

    def begin(self, now_ms: float) -> bool:
        """Whether a tick is due, which then is the newest one."""
        due = math.floor((now_ms - self._start_ms + _ROUNDING_MS) / self._period_ms)
        if due <= self.tick:
            return False
        self._missed_ticks += due - self.tick - 1
        self.tick = due
        self.delay_ms = max(0.0, now_ms - (self._start_ms + due * self._period_ms))
        return True

    def end(self, took_ms: float) -> None:
        self._overruns += took_ms > self._period_ms

    def take_counts(self) -> tuple[int, int]:
        """Since the call before: ticks that did not take place, and those that took longer than a period."""
        counts = self._missed_ticks, self._overruns
        self._missed_ticks = self._overruns = 0
        return counts

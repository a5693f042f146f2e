"""Time as the control loop sees it; tests bring their own."""

from __future__ import annotations

import math
import time
from typing import Protocol

#: The same time before or after rounding.
ROUNDING_MS = 1e-6

#: Longer waits are cut into pieces of this, so that an end is noticed.
_PIECE_S = 0.05

# Also where the time has come: a loop that is always late would keep its lock, and hear no stop.
_LEAST_S = 0.0005


class Clock(Protocol):
    def now_ms(self) -> float:
        """Milliseconds from some start; never goes back."""

    def sleep_until(self, at_ms: float) -> None:
        """Returns when the time has come, or somewhat before; lets other threads run in any case."""


class RealClock:
    def now_ms(self) -> float:
        return time.perf_counter() * 1000

    def sleep_until(self, at_ms: float) -> None:
        left_s = at_ms / 1000 - time.perf_counter()
        time.sleep(min(max(left_s, _LEAST_S), _PIECE_S))


def whole_ms(ms: float) -> int:
    """For messages, as people round: `round` would make an even number of a half."""
    return math.floor(ms + 0.5)

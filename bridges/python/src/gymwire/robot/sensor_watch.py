"""
The newest sample and its age. The age counts from when the sample was measured, as far as the driver tells, or from
when it was handed out: whatever a driver does once its sensor is silent, the age grows.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gymwire.robot.clock import ROUNDING_MS, whole_ms

#: What a read brought. older: by its time stamp it was measured before the newest one, which stays the newest.
Sighting = Literal["new", "again", "none", "older"]

# A time stamp may be ahead of the clock by this much: it was rounded.
_AHEAD_MS = 1

_INSTEAD = {
    "new": "",
    "again": "; since then the driver has handed out this sample again and again",
    "none": "; since then the driver has handed out none",
    "older": "; since then the driver has handed out older ones",
}


class SensorWatch:
    def __init__(self, size: int, max_age_ms: float) -> None:
        self._size = size
        self._max_age_ms = max_age_ms
        #: Of the newest sample; None: none has come yet.
        self.values: NDArray[np.float64] | None = None
        #: When the newest sample was handed out.
        self.came_at_ms = -math.inf
        self._measured_at_ms = 0.0
        # As the driver handed it out, and what it said then: objects may be written again.
        self._handed: Any = None
        self._handed_values: Any = None
        self._handed_age_ms: float | None = None
        self._stamp_ms: float | None = None
        self._may_go_back = False
        self._last_sighting: Sighting = "none"

    def age_at(self, now_ms: float) -> float:
        return math.inf if self.values is None else max(0.0, now_ms - self._measured_at_ms)

    def is_fresh_at(self, now_ms: float) -> bool:
        return self.age_at(now_ms) <= self._max_age_ms + ROUNDING_MS

    def describe_at(self, now_ms: float) -> str:
        """How old it is, and what came instead of a newer one."""
        if self.values is None:
            return "none came"
        return f"{whole_ms(self.age_at(now_ms))} ms old{_INSTEAD[self._last_sighting]}"

    def restart(self) -> None:
        """A reset begins: time stamps may start anew, once."""
        self._may_go_back = True

    def take(self, handed: Any, now_ms: float) -> Sighting:
        """
        :param handed: what the driver's `read` gave
        :raises ValueError: says what a sample must be and what came; the newest one stays
        """
        self._last_sighting = "none" if handed is None else self._take_sample(handed, now_ms)
        return self._last_sighting

    def _take_sample(self, sample: Any, now_ms: float) -> Sighting:
        values = _checked_values(sample, self._size)
        age_ms, stamp_ms = getattr(sample, "age_ms", None), getattr(sample, "measured_at_ms", None)
        if stamp_ms is None:
            measured_at_ms = now_ms - _checked_age(age_ms)
            sighting = self._compare(sample, values, age_ms)
        else:
            measured_at_ms = self._checked_stamp(age_ms, stamp_ms, now_ms)
            sighting = self._order(float(stamp_ms))
        if sighting == "new":
            self.values, self.came_at_ms = values, now_ms
            self._measured_at_ms = measured_at_ms
            self._handed, self._handed_values, self._handed_age_ms = sample, sample.values, age_ms
        return sighting

    def _compare(self, sample: Any, values: NDArray[np.float64], age_ms: float | None) -> Sighting:
        """
        Without a time stamp a sample is known by its object. Where nothing tells its age, an array that holds the same
        numbers is the same sample too: a driver that keeps the newest message may wrap it anew at each read.
        """
        if self.values is None or age_ms != self._handed_age_ms:
            return "new"
        is_same = sample is self._handed or (age_ms is None and sample.values is self._handed_values)
        return "again" if is_same and np.array_equal(values, self.values) else "new"

    def _order(self, stamp_ms: float) -> Sighting:
        last = self._stamp_ms
        if stamp_ms == last:
            return "again"
        if last is not None and stamp_ms < last and not self._may_go_back:
            return "older"
        self._stamp_ms = stamp_ms
        self._may_go_back = False
        return "new"

    def _checked_stamp(self, age_ms: Any, stamp_ms: Any, now_ms: float) -> float:
        if age_ms is not None:
            raise ValueError("expected a sample with an age_ms or a measured_at_ms, got both")
        clock = f"the loop's clock (time.perf_counter() * 1000), which shows {now_ms:.1f} ms"
        expected = f"expected a sample's measured_at_ms by {clock}; got"
        if not isinstance(stamp_ms, Real) or not math.isfinite(stamp_ms):
            raise ValueError(f"{expected} {stamp_ms!r}")
        measured_at_ms = float(stamp_ms)
        of_unit = _guess_unit(measured_at_ms, now_ms, self._max_age_ms)
        if measured_at_ms > now_ms + _AHEAD_MS:
            raise ValueError(f"{expected} {stamp_ms}, which has not come yet{of_unit or ': is it of another clock?'}")
        if now_ms - measured_at_ms > self._max_age_ms and of_unit is not None:
            raise ValueError(f"{expected} {stamp_ms}{of_unit}")
        return min(measured_at_ms, now_ms)


def _checked_values(sample: Any, size: int) -> NDArray[np.float64]:
    if not hasattr(sample, "values") or not hasattr(sample, "emergency_stop"):
        raise ValueError(f"expected a Sample or None, got {type(sample).__name__}")
    values = np.array(sample.values, np.float64).reshape(-1)
    if values.shape != (size,):
        raise ValueError(f"expected a sample of {size} numbers, got {values.size}")
    if not np.all(np.isfinite(values)):
        wrong = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"number {wrong} of the sample is {values[wrong]}")
    return values


def _checked_age(age_ms: Any) -> float:
    if age_ms is None:
        return 0.0
    if isinstance(age_ms, Real) and float(age_ms) >= 0:
        return float(age_ms)
    raise ValueError(f"expected a sample's age of 0 ms or more, got {age_ms!r}")


def _guess_unit(stamp_ms: float, now_ms: float, max_age_ms: float) -> str | None:
    """Whether a time stamp would be about now in another unit; a clock that has just started shows about 0 in all."""
    tolerance_ms = min(max_age_ms, now_ms / 100)
    units = {"seconds": 1000.0, "microseconds": 1e-3, "nanoseconds": 1e-6}
    for unit, in_ms in units.items():
        if abs(stamp_ms * in_ms - now_ms) <= tolerance_ms:
            return f", which looks like {unit}"
    return None

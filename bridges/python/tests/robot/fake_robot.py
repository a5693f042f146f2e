"""Time that a test moves by hand, and a robot that writes down what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gymwire.robot import Sample
from gymwire.robot.answer import Answer, Observed
from gymwire.robot.control_loop import ControlLoop
from gymwire.robot.settings import LoopSettings

#: 50 Hz, two joints, watchdog of 10 ticks.
SETTINGS = LoopSettings(
    period_ms=20,
    late_actions="hold",
    watchdog_ms=200,
    after_stop="truncate",
    client_may_clear_stop=False,
    max_observation_age_ms=100,
    observation_timeout_ms=100,
    observation_size=2,
    safe_action=np.array([0.5, -0.5]),
    low=np.array([-1.0, -2.0]),
    high=np.array([1.0, 2.0]),
    max_change_per_tick=np.array([np.inf, np.inf]),
)


class ManualClock:
    def __init__(self) -> None:
        self.ms = 1000.0

    def now_ms(self) -> float:
        return self.ms

    def sleep_until(self, at_ms: float) -> None:
        self.ms = max(self.ms, at_ms)


class FakeDriver:
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._start_ms = clock.ms
        self.written: list[str] = []
        #: What a live sensor measures: handed out anew at each read.
        self.sample: Sample | None = Sample([0, 0])
        #: Stands in for `read`: a driver that is not what its type says, too.
        self.hand_out: Callable[[], Any] | None = None
        self.calls: list[str] = []
        self.on_read: Callable[[], Any] = lambda: None
        self.on_write: Callable[[], Any] = lambda: None
        self.on_reset: Callable[[Any], Any] = lambda _: None

    def open(self) -> None:
        self.calls.append("open")

    def read(self) -> Sample | None:
        self.on_read()
        if self.hand_out is not None:
            return self.hand_out()
        return None if self.sample is None else replace(self.sample, values=list(self.sample.values))

    def write(self, command: Any, kind: str) -> None:
        self._note(kind, f"[{', '.join(f'{value:g}' for value in command)}]")
        self.on_write()

    def emergency_stop(self, reason: str) -> None:
        self._note("emergency-stop", reason)

    def reset(self, context: Any) -> None:
        self.on_reset(context)

    def close(self) -> None:
        self.calls.append("close")

    @property
    def last(self) -> str:
        return self.written[-1] if self.written else "nothing"

    @property
    def kinds(self) -> set[str]:
        return {line.split(" ")[0] for line in self.written}

    def take(self) -> list[str]:
        """What was written since the call before."""
        taken, self.written = self.written, []
        return taken

    def _note(self, kind: str, what: str) -> None:
        self.written.append(f"{kind} {what} at {self._clock.ms - self._start_ms:g}")


class PlainDriver:
    """Has nothing but what a driver must have."""

    def __init__(self, fake: FakeDriver) -> None:
        self.read = fake.read
        self.write = fake.write


class Rig:
    """A loop on manual time."""

    def __init__(self, driver: Callable[[FakeDriver], Any] = lambda fake: fake, cell: Any = None, **settings: Any):
        self.clock = ManualClock()
        self.driver = FakeDriver(self.clock)
        self.loop = ControlLoop(driver(self.driver), replace(SETTINGS, **settings), self.clock, cell)

    def advance(self, ms: float) -> None:
        """Time passes, and each tick takes place in its moment."""
        end = self.clock.ms + ms
        while self.loop.next_tick_ms <= end + 1e-6:
            self.clock.sleep_until(self.loop.next_tick_ms)
            self.loop.wake()
        self.clock.sleep_until(end)

    def stall(self, ms: float) -> None:
        """Time passes and nobody is woken until it is over: a machine that stood still."""
        self.clock.ms += ms
        self.loop.wake()

    def act(self, *values: float) -> Answer:
        return self.loop.act(values)

    def reset(self, *, clear_stop: bool = False) -> Answer:
        reset = self.loop.begin_reset(clear_stop=clear_stop)
        self.loop.end_reset(reset)
        return reset.answer

    def ready(self) -> Rig:
        """Through a reset, to the tick that ends it."""
        answer = self.reset()
        self.advance(20)
        answer.wait(0)
        self.driver.take()
        return self


def observed(answer: Answer) -> Observed:
    return answer.wait(0)

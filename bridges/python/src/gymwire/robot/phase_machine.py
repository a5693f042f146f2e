"""
Who may command the robot, and what it gets when nobody may. What happens goes in, each with its time; what is to be
done comes out. It knows no clock, no driver and no thread: the control loop gives it ticks and does what it says.

What a call returns is to be carried out in this order, and then what `settle` returns: a driver that fails meanwhile
is an event of its own (`fault`), which changes how a step is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gymwire.robot.action_limiter import Flags, checked_target, limit_action
from gymwire.robot.action_run import ActionRun
from gymwire.robot.answer import Answer
from gymwire.robot.clock import ROUNDING_MS, whole_ms
from gymwire.robot.driver import CommandKind, Numbers
from gymwire.robot.loop_event import LoopEvent
from gymwire.robot.sensor_watch import SensorWatch
from gymwire.robot.settings import LoopSettings

#: stopped: the safe action until a reset. ready: reset, the safe action until the first action comes. suspended: the
#: safe action until the next action comes (after_stop="resume").
Phase = Literal["stopped", "resetting", "ready", "running", "suspended"]


@dataclass(frozen=True)
class Outcome:
    """What an observation is told with, beside what the sensor and the tick grid say."""

    command: NDArray[np.float64]
    range_limited: Flags
    rate_limited: Flags
    late_ticks: int
    stopped_by: str
    is_over: bool


@dataclass(frozen=True)
class Command:
    kind: CommandKind
    command: NDArray[np.float64]


@dataclass(frozen=True)
class Stop:
    """The driver's emergency stop."""

    reason: str


@dataclass(frozen=True)
class AbortReset:
    """The signal of the driver's reset."""

    reason: str


@dataclass(frozen=True)
class Give:
    """The newest observation answers a step or a reset."""

    answer: Answer
    outcome: Outcome


@dataclass(frozen=True)
class Fail:
    answer: Answer
    message: str


Output = Command | Stop | AbortReset | Give | Fail | LoopEvent


@dataclass
class _Reset:
    answer: Answer
    started_at_ms: float
    #: What the driver wants commanded; None: nothing.
    target: NDArray[np.float64] | None = None
    #: When the driver was through; None: it is not.
    done_at_ms: float | None = None
    #: Over for its client; the driver has not come back from it.
    is_aborted: bool = False


class PhaseMachine:
    def __init__(self, settings: LoopSettings, sensor: SensorWatch) -> None:
        self._settings = settings
        self._sensor = sensor
        self._actions = ActionRun(settings)
        self._phase: Phase = "stopped"
        self._emergency: str | None = None
        self._reset: _Reset | None = None
        self._tick = 0
        # What was commanded last, and last before the newest tick or event; the safe action before anything was.
        self._command = self._command_before = settings.safe_action
        # Of the last action, when it was carried out first: by range, and by rate.
        self._limited = self._unlimited()
        self._stopped_by = ""
        self._out: list[Output] = []

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def emergency(self) -> str | None:
        return self._emergency

    @property
    def is_idle(self) -> bool:
        """Whether another session may take the robot: it is stopped, or not yet moving."""
        return self._phase in ("stopped", "ready") and (self._reset is None or self._reset.is_aborted)

    def begin_tick(self, tick: int) -> None:
        """Before the sample is read."""
        self._tick = tick
        self._command_before = self._command

    def tick(self, now_ms: float, emergency_stop: str | None = None) -> Sequence[Output]:
        """Once it was read. `emergency_stop`: why the robot wants to be stopped."""
        if emergency_stop is not None:
            self._latch(emergency_stop)
        if self._phase == "running":
            self._watch(now_ms)
        elif self._phase == "resetting":
            self._watch_reset(now_ms)
        self._command_next()
        return self._flush()

    def end_tick(self, now_ms: float) -> Sequence[Output]:
        """A reset is over with the first fresh sample that comes after it."""
        reset, sensor = self._reset, self._sensor
        if reset is None or reset.done_at_ms is None:
            return ()
        timeout_ms = self._settings.observation_timeout_ms
        if sensor.came_at_ms > reset.done_at_ms and sensor.is_fresh_at(now_ms):
            self._reset = None
            self._phase = "ready"
            self._stopped_by = ""
            self._limited = self._unlimited()
            self._answer(reset.answer)
        elif now_ms - reset.done_at_ms >= timeout_ms:
            got = "none came" if sensor.values is None else f"the last one is {sensor.describe_at(now_ms)}"
            self._fail_reset(reset, f"expected a fresh observation within {timeout_ms:g} ms; {got}")
        return self._flush()

    def settle(self) -> Sequence[Output]:
        """
        Answers the step that is over: with the observation of the tick after its action, or the last one when it has no
        future.
        """
        answer = self._actions.take_finished(self._tick, is_running=self._phase == "running")
        if answer is not None:
            self._answer(answer)
        return self._flush()

    def act(self, answer: Answer, action: Numbers, now_ms: float) -> Sequence[Output]:
        """Raises ValueError for what is no action."""
        before = self._actions.take(answer, checked_target(action, self._command.size), now_ms)
        if before is not None:
            self._out.append(Fail(before, "another action came before this one was answered"))
        if self._phase in ("ready", "suspended"):
            self._phase = "running"
        return self._flush()

    def prepare_reset(self, *, clear_stop: bool) -> Sequence[Output]:
        """Whoever has the robot loses it, before `begin_reset`. `clear_stop`: the client asks to clear the stop."""
        if clear_stop and self._settings.client_may_clear_stop:
            self._clear()
        self._end("a reset")
        return self._at_once()

    def begin_reset(self, answer: Answer, now_ms: float) -> Sequence[Output]:
        """The driver's own reset may begin when the phase is `resetting` then."""
        if self._emergency is not None:
            message = f"the robot is stopped ({self._emergency}) until the emergency stop is cleared"
            self._out.append(Fail(answer, message))
        elif self._reset is not None:
            self._out.append(Fail(answer, "the reset before has not come to its end yet"))
        else:
            self._reset = _Reset(answer, now_ms)
            self._phase = "resetting"
        return self._flush()

    def command_reset(self, target: NDArray[np.float64]) -> None:
        """The driver's reset wants this commanded from the next tick on."""
        if self._reset is not None and self._reset.done_at_ms is None and not self._reset.is_aborted:
            self._reset.target = target

    def end_reset(self, now_ms: float, failure: str | None = None) -> Sequence[Output]:
        """The driver has come back from its reset, also from one that was aborted. `failure`: what it raised."""
        reset = self._reset
        if reset is None:
            return ()
        if reset.is_aborted:
            self._reset = None
        elif failure is not None:
            self._fail_reset(reset, failure)
        else:
            reset.target = None
            reset.done_at_ms = now_ms
        return self._flush()

    def release(self, reason: str, *, may_resume: bool) -> Sequence[Output]:
        """Nobody is in control any more. `may_resume`: the client may come back (after_stop)."""
        if self._phase == "stopped":
            return ()
        if may_resume and self._phase != "resetting":
            self._stop(reason)
        else:
            self._end(reason)
            self._out.append(LoopEvent("stopped", reason))
        return self._at_once()

    def hand_over(self) -> Sequence[Output]:
        """Another session takes the robot, which is idle."""
        self._end("another session took the robot")
        self._command_next()
        return self._flush()

    def emergency_stop(self, reason: str) -> Sequence[Output]:
        self._latch(reason)
        return self._at_once()

    def latch(self, reason: str) -> Sequence[Output]:
        """As `emergency_stop`, where the next command follows anyway."""
        self._latch(reason)
        return self._flush()

    def clear_emergency_stop(self) -> Sequence[Output]:
        self._clear()
        return self._flush()

    def fault(self, message: str) -> Sequence[Output]:
        """A driver that fails cannot be trusted with the next command."""
        if self._emergency is not None:
            return ()
        self._latch(message)
        self._command_next()
        return self._flush()

    def close(self) -> Sequence[Output]:
        """The last commands."""
        self._end("the robot was closed")
        return self._at_once()

    def _watch(self, now_ms: float) -> None:
        """What ends a client's control."""
        waited_ms = self._actions.waited_ms(now_ms)
        if waited_ms + ROUNDING_MS >= self._settings.watchdog_ms:
            self._stop(f"watchdog: no action for {whole_ms(waited_ms)} ms")
        elif not self._sensor.is_fresh_at(now_ms):
            self._stop(f"stale observation: {self._sensor.describe_at(now_ms)}")

    def _watch_reset(self, now_ms: float) -> None:
        """A reset may bring a silent sensor back, but not move the robot for longer than a client may."""
        reset = self._reset
        if reset is None or reset.target is None or self._sensor.is_fresh_at(now_ms):
            return
        if now_ms - reset.started_at_ms <= self._settings.max_observation_age_ms + ROUNDING_MS:
            return
        reason = f"stale observation: {self._sensor.describe_at(now_ms)}"
        self._end(reason)
        self._out.append(LoopEvent("stopped", reason))

    def _stop(self, reason: str) -> None:
        self._phase = "suspended" if self._settings.after_stop == "resume" else "stopped"
        self._stopped_by = reason
        self._out.append(LoopEvent("stopped", reason))

    def _end(self, reason: str) -> None:
        """Of a client's control, or of a reset under way; by whoever has the right to."""
        self._phase = "stopped"
        self._stopped_by = reason
        reset = self._reset
        if reset is None or reset.is_aborted:
            return
        reset.is_aborted = True
        reset.target = None
        self._out += [AbortReset(reason), Fail(reset.answer, f"the reset failed: {reason}")]
        if reset.done_at_ms is not None:
            self._reset = None

    def _latch(self, reason: str) -> None:
        if self._emergency is not None:
            return
        self._emergency = reason
        self._out.append(LoopEvent("emergency-stop", reason))
        self._end(f"emergency stop: {reason}")

    def _clear(self) -> None:
        if self._emergency is not None:
            self._emergency = None
            self._out.append(LoopEvent("emergency-stop-cleared"))

    def _fail_reset(self, reset: _Reset, reason: str) -> None:
        self._reset = None
        self._end(reason)
        self._command_before = self._command
        self._command_next()
        self._out.append(Fail(reset.answer, f"the reset failed: {reason}"))

    def _at_once(self) -> Sequence[Output]:
        """What has changed between two ticks does not wait for the next one."""
        self._command_before = self._command
        self._command_next()
        return self._flush()

    def _command_next(self) -> None:
        if self._emergency is not None:
            self._command = self._settings.safe_action
            self._out.append(Stop(self._emergency))
        elif self._phase == "running":
            kind, target = self._actions.next(self._tick)
            limited = self._command_limited(kind, target)
            if kind == "action":
                self._limited = limited
        elif self._phase == "resetting" and self._reset is not None and self._reset.target is not None:
            self._command_limited("reset", self._reset.target)
        else:
            self._command_limited("safe", self._settings.safe_action)

    def _command_limited(self, kind: CommandKind, target: NDArray[np.float64]) -> tuple[Flags, Flags]:
        command, range_limited, rate_limited = limit_action(target, self._command, self._settings)
        # The safe action at once: rate limits are for those in control.
        self._command = target if kind == "safe" else command
        self._out.append(Command(kind, self._command))
        return range_limited, rate_limited

    def _answer(self, answer: Answer) -> None:
        if self._sensor.values is None:
            self._out.append(Fail(answer, "the robot has not sent an observation yet"))
            return
        # A step in the middle of a reset was not carried out either.
        is_over = self._phase in ("stopped", "resetting")
        late_ticks = self._actions.take_late_ticks()
        outcome = Outcome(self._command_before, *self._limited, late_ticks, self._stopped_by, is_over)
        if not is_over:
            self._stopped_by = ""
        self._out.append(Give(answer, outcome))

    def _flush(self) -> Sequence[Output]:
        out, self._out = self._out, []
        return out

    def _unlimited(self) -> tuple[Flags, Flags]:
        none = np.zeros(self._settings.safe_action.shape, np.bool_)
        return none, none

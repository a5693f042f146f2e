"""
The robot's heart: one tick after another at a fixed rate, whatever its client does. At each tick the newest sample is
read and a command is written; who may command, and what is commanded when nobody does, is decided here.

`wake` is called by one thread, everything else by others.
"""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gymwire.robot.cell import RobotCell
from gymwire.robot.clock import Clock
from gymwire.robot.driver import Numbers, RobotDriver, Sample
from gymwire.robot.driver_port import DriverPort, Flags
from gymwire.robot.settings import LoopSettings

_log = logging.getLogger("gymwire.robot")

# A wake-up at a tick's very time counts as this tick, rounding or not.
_ROUNDING_MS = 1e-6

#: stopped: the safe action until a reset. ready: reset, the safe action until the first action comes. suspended: the
#: safe action until the next action comes (after_stop="resume").
Phase = Literal["stopped", "resetting", "ready", "running", "suspended"]


class RobotError(Exception):
    """Why the robot did not do what was asked for."""


@dataclass(frozen=True)
class Observed:
    """One observation and how it came about."""

    values: NDArray[np.float64]
    age_ms: float
    #: Ticks since the loop was started, also those that were missed.
    tick: int
    #: When the tick began, since the loop was started, and how long after its time.
    time_ms: float
    tick_delay_ms: float
    #: What the robot was told last before this tick.
    command: NDArray[np.float64]
    #: Of the action, when it was carried out first.
    range_limited: Flags
    rate_limited: Flags
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


@dataclass
class _Step:
    values: NDArray[np.float64]
    answer: Answer
    #: The tick at which it was carried out first.
    applied_at: int | None = None


@dataclass
class _Reset:
    answer: Answer
    target: Numbers | None = None
    #: When the driver was through.
    done_at_ms: float | None = None
    #: Why it was cut short.
    aborted: str | None = None
    sample: Sample | None = None


class ControlLoop:
    def __init__(
        self, driver: RobotDriver, settings: LoopSettings, clock: Clock, cell: RobotCell | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._cell = cell
        #: With a cell: this process may command the robot. It says nothing before its first reset.
        self._has_robot = cell is None
        self._changed = threading.Condition(threading.RLock())
        self._port = DriverPort(driver, settings, self._fault, lambda message: _log.error("%s", message))
        self._start_ms = clock.now_ms()
        self._tick = 0
        self._tick_delay_ms = 0.0
        self._is_closed = False

        self._phase: Phase = "stopped"
        self._emergency: str | None = None
        #: Whether the cell knows of the emergency stop, so that whoever clears it there clears it here.
        self._is_in_cell = False
        self._reset: _Reset | None = None
        self._step: _Step | None = None
        # Of the last action: the target, when it came, and the tick at which it was carried out first.
        self._target: NDArray[np.float64] = settings.safe_action
        self._action_at_ms = 0.0
        self._applied_at = 0
        self._limited = self._unlimited()
        self._command_before = self._port.command
        self._late_ticks = 0
        self._missed_ticks = 0
        self._overruns = 0
        self._stopped_by = ""

    @property
    def next_tick_ms(self) -> float:
        # Counted from the start, so that lateness does not add up.
        return self._start_ms + (self._tick + 1) * self._settings.period_ms

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def emergency(self) -> str | None:
        return self._emergency

    def wake(self) -> None:
        """Runs the tick that is due, if one is."""
        with self._changed:
            period_ms = self._settings.period_ms
            now = self._clock.now_ms()
            due = math.floor((now - self._start_ms + _ROUNDING_MS) / period_ms)
            if self._is_closed or due <= self._tick:
                return
            self._missed_ticks += due - self._tick - 1
            self._tick = due
            self._tick_delay_ms = max(0.0, now - (self._start_ms + due * period_ms))
            self._run_tick(now)
            if self._clock.now_ms() - now > period_ms:
                self._overruns += 1
            self._changed.notify_all()

    def act(self, values: Numbers) -> Answer:
        with self._changed:
            answer = Answer()
            if self._phase in ("ready", "suspended"):
                self._phase = "running"
            self._step = _Step(np.array(values, np.float64).reshape(-1), answer)
            self._action_at_ms = self._clock.now_ms()
            self._finish_step()
            return answer

    def begin_reset(self, *, clear_stop: bool = False) -> Answer:
        """
        The driver's own reset may follow, then `end_reset`; the answer comes with a fresh sample after it.

        Raises RobotError while the emergency stop is latched.
        """
        with self._changed:
            if clear_stop and self._settings.client_may_clear_stop:
                self.clear_emergency_stop()
            self._end("a reset")
            self._act_at_once()
            self._look_at_cell()
            if self._emergency is not None:
                raise RobotError(f"the robot is stopped ({self._emergency}) until the emergency stop is cleared")
            self._reset = _Reset(Answer())
            self._phase = "resetting"
            return self._reset.answer

    def end_reset(self, answer: Answer, failure: str | None = None) -> None:
        """What the driver's reset came to; one that was cut short meanwhile stays so."""
        with self._changed:
            reset = self._reset
            if reset is None or reset.answer is not answer:
                return
            if failure is not None:
                self._fail_reset(failure)
                return
            reset.target = None
            reset.done_at_ms = self._clock.now_ms()

    def reset_command(self, answer: Answer, values: Numbers) -> None:
        with self._changed:
            self._reset_of(answer).target = np.array(values, np.float64).reshape(-1)

    def reset_tick(self, answer: Answer) -> Sample | None:
        with self._changed:
            self._reset_of(answer)
            tick = self._tick
            self._changed.wait_for(lambda: self._tick != tick or answer.is_given)
            return self._reset_of(answer).sample

    def release(self, reason: str, *, may_resume: bool) -> None:
        """Nobody is in control any more: the safe action, at once."""
        with self._changed:
            if self._phase == "stopped":
                return
            if may_resume and self._phase != "resetting":
                self._stop(reason)
            else:
                self._end(reason)
                _log.warning("stopped: %s", reason)
            self._act_at_once()

    def emergency_stop(self, reason: str) -> None:
        with self._changed:
            self._latch(reason)
            self._act_at_once()

    def clear_emergency_stop(self) -> None:
        with self._changed:
            if self._cell is not None:
                self._cell.clear_emergency_stop()
                self._is_in_cell = False
            self._clear()

    def take_robot(self) -> bool:
        """With a cell: whether no other process has the robot now."""
        with self._changed:
            if not self._has_robot and self._cell is not None:
                self._has_robot = self._cell.take()
            return self._has_robot

    def close(self) -> None:
        """The safe action once more, then no ticks any more."""
        with self._changed:
            if self._is_closed:
                return
            self._end("the robot was closed")
            self._act_at_once()
            self._is_closed = True
            self._changed.notify_all()
            if self._cell is not None:
                self._cell.give_up()

    def _run_tick(self, now: float) -> None:
        self._command_before = self._port.command
        sample = self._port.read()
        if sample is not None and sample.emergency_stop is not None:
            self._latch(sample.emergency_stop)
        self._look_at_cell()
        if self._phase == "running":
            self._watch(now)
        self._write_next()
        if self._reset is not None:
            self._reset.sample = sample
        self._finish_reset(now)
        self._finish_step()

    def _watch(self, now: float) -> None:
        """What ends a client's control."""
        waited_ms = now - self._action_at_ms
        if waited_ms + _ROUNDING_MS >= self._settings.watchdog_ms:
            self._stop(f"watchdog: no action for {waited_ms:.0f} ms")
        elif not self._port.is_fresh:
            self._stop(f"stale observation: {self._port.age_ms:.0f} ms old")

    def _look_at_cell(self) -> None:
        if self._cell is None:
            return
        reason = self._cell.emergency
        if reason is not None:
            self._is_in_cell = True
            self._latch(reason)
        elif self._is_in_cell:
            # The operator has cleared it, from a process of their own.
            self._is_in_cell = False
            self._clear()
        # Handed over only while it is stopped, or not yet moving.
        may_go = self._phase in ("stopped", "ready") and self._reset is None
        if self._has_robot and may_go and self._cell.is_wanted:
            self._end("another session took the robot")
            self._write_next()
            self._has_robot = False
            self._cell.give_up()

    def _stop(self, reason: str) -> None:
        self._phase = "suspended" if self._settings.after_stop == "resume" else "stopped"
        self._stopped_by = reason
        _log.warning("stopped: %s", reason)

    def _end(self, reason: str) -> None:
        """Of a client's control, or of a reset under way; by whoever has the right to."""
        self._phase = "stopped"
        self._stopped_by = reason
        if self._reset is not None:
            self._reset.answer.fail(f"the reset failed: {reason}")
            self._reset = None
            self._changed.notify_all()

    def _latch(self, reason: str) -> None:
        if self._emergency is not None:
            return
        self._emergency = reason
        _log.error("emergency stop: %s", reason)
        self._end(f"emergency stop: {reason}")
        # Of all sessions, until the operator clears it.
        if self._cell is not None and not self._is_in_cell:
            try:
                self._cell.emergency_stop(reason)
                self._is_in_cell = True
            except OSError as error:
                _log.error("the cell was not told of the emergency stop: %s", error)

    def _clear(self) -> None:
        if self._emergency is not None:
            self._emergency = None
            _log.info("emergency stop cleared; a reset must follow")

    def _fault(self, message: str) -> None:
        """A driver that fails cannot be trusted with the next command."""
        if self._emergency is None:
            self._latch(message)
            self._write_next()

    def _act_at_once(self) -> None:
        """What has changed between two ticks does not wait for the next one."""
        self._command_before = self._port.command
        self._write_next()
        self._finish_step()

    def _write_next(self) -> None:
        if not self._has_robot:
            return
        if self._emergency is not None:
            self._port.write_emergency_stop(self._emergency)
        elif self._phase == "running":
            self._write_action()
        elif self._phase == "resetting" and self._reset is not None and self._reset.target is not None:
            self._port.write_limited(self._reset.target, "reset")
        else:
            self._port.write_safe()

    def _write_action(self) -> None:
        step = self._step
        if step is not None and step.applied_at is None:
            step.applied_at = self._applied_at = self._tick
            self._target = step.values
            self._limited = self._port.write_limited(step.values, "action")
            return
        # The tick after an action brings its observation; only the one after that could have brought the next action.
        is_late = self._tick - self._applied_at > 1
        self._late_ticks += is_late
        rule = self._settings.late_actions if is_late else "hold"
        if rule == "hold":
            self._port.write_limited(self._target, "hold")
        elif rule == "zero":
            self._port.write_limited(np.zeros_like(self._target), "zero")
        else:
            self._port.write_safe()

    def _finish_step(self) -> None:
        """Hands out the observation of the tick after the action, or the last one when the action has no future."""
        step = self._step
        if step is None:
            return
        is_due = step.applied_at is not None and step.applied_at < self._tick
        if self._phase != "running" or is_due:
            self._step = None
            self._hand(step.answer)

    def _finish_reset(self, now: float) -> None:
        """A reset is over with the first fresh sample after it."""
        reset = self._reset
        if reset is None or reset.done_at_ms is None:
            return
        if self._port.is_fresh:
            self._reset = None
            self._phase = "ready"
            self._stopped_by = ""
            self._limited = self._unlimited()
            self._hand(reset.answer)
        elif now - reset.done_at_ms >= self._settings.observation_timeout_ms:
            got = "none came" if self._port.values is None else f"the last one is {self._port.age_ms:.0f} ms old"
            timeout_ms = self._settings.observation_timeout_ms
            self._fail_reset(f"expected a fresh observation within {timeout_ms:g} ms; {got}")

    def _fail_reset(self, reason: str) -> None:
        self._end(reason)
        self._act_at_once()

    def _reset_of(self, answer: Answer) -> _Reset:
        if self._reset is None or self._reset.answer is not answer:
            raise RobotError(f"the reset was cut short: {self._stopped_by}")
        return self._reset

    def _unlimited(self) -> tuple[Flags, Flags]:
        none = np.zeros(self._settings.safe_action.shape, np.bool_)
        return none, none

    def _hand(self, answer: Answer) -> None:
        if self._port.values is None:
            answer.fail("the robot has not sent an observation yet")
            return
        range_limited, rate_limited = self._limited
        answer.give(
            Observed(
                values=self._port.values,
                age_ms=self._port.age_ms,
                tick=self._tick,
                time_ms=self._tick * self._settings.period_ms + self._tick_delay_ms,
                tick_delay_ms=self._tick_delay_ms,
                command=self._command_before,
                range_limited=range_limited,
                rate_limited=rate_limited,
                late_ticks=self._late_ticks,
                missed_ticks=self._missed_ticks,
                overruns=self._overruns,
                stopped_by=self._stopped_by,
                is_over=self._phase == "stopped",
            )
        )
        self._late_ticks = self._missed_ticks = self._overruns = 0
        if self._phase != "stopped":
            self._stopped_by = ""

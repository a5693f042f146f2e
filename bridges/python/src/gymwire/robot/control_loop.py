"""
The robot's heart: one tick after another at a fixed rate, whatever its client does. At each tick the newest sample is
read and a command is written; who may command, and what is commanded when nobody does, is decided here.

`wake` is called by one thread, everything else by others.
"""

from __future__ import annotations

import logging
from typing import Literal

from gymwire.errors import describe_exception
from gymwire.robot.action_run import ActionRun
from gymwire.robot.answer import Answer, Observed, RobotError
from gymwire.robot.cell import RobotCell
from gymwire.robot.cell_link import CellLink
from gymwire.robot.clock import Clock
from gymwire.robot.driver import Numbers, RobotDriver, Sample
from gymwire.robot.driver_port import DriverPort, checked_target
from gymwire.robot.loop_turns import LoopTurns
from gymwire.robot.reset_run import ResetRun
from gymwire.robot.settings import LoopSettings
from gymwire.robot.tick_grid import TickGrid

_log = logging.getLogger("gymwire.robot")

# The same time before or after rounding.
_ROUNDING_MS = 1e-6

#: How long a loop may stand still before others are told; at least the watchdog's time.
_STANDSTILL_MS = 1000

#: stopped: the safe action until a reset. ready: reset, the safe action until the first action comes. suspended: the
#: safe action until the next action comes (after_stop="resume").
Phase = Literal["stopped", "resetting", "ready", "running", "suspended"]


class ControlLoop:
    def __init__(
        self, driver: RobotDriver, settings: LoopSettings, clock: Clock, cell: RobotCell | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._cell = CellLink(cell)
        self._turns = LoopTurns(max(_STANDSTILL_MS, settings.watchdog_ms))
        self._port = DriverPort(driver, settings, clock, self._fault)
        self._actions = ActionRun(self._port, settings)
        self._grid = TickGrid(settings.period_ms, clock.now_ms())
        self._is_closed = False
        self._phase: Phase = "stopped"
        self._emergency: str | None = None
        self._reset: ResetRun | None = None
        self._command_before = self._port.command
        self._stopped_by = ""

    @property
    def next_tick_ms(self) -> float:
        return self._grid.next_ms

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def emergency(self) -> str | None:
        return self._emergency

    def wake(self) -> None:
        """Runs the tick that is due, if one is."""
        with self._turns.of_loop():
            now = self._clock.now_ms()
            if self._is_closed or not self._grid.begin(now):
                return
            try:
                self._run_tick()
            except Exception as thrown:  # noqa: BLE001 -- a loop that has stopped ticking cannot even stop the robot
                self._fault(f"the control loop failed: {describe_exception(thrown)}")
            self._grid.end(self._clock.now_ms() - now)

    def act(self, values: Numbers) -> Answer:
        """Raises RobotError."""
        with self._turns.of_others():
            answer = Answer()
            try:
                self._actions.take(values, answer, self._clock.now_ms())
            except ValueError as wrong:
                raise RobotError(str(wrong)) from None
            if self._phase in ("ready", "suspended"):
                self._phase = "running"
            self._finish_step()
            return answer

    def wait(self, answer: Answer) -> Observed:
        """As long as it takes, while `wake` is called. Raises RobotError."""
        return self._turns.wait(answer)

    def begin_reset(self, *, clear_stop: bool = False) -> Answer:
        """
        The driver's own reset may follow, then `end_reset`; the answer comes with a fresh sample after it.

        Raises RobotError while the emergency stop is latched.
        """
        with self._turns.of_others():
            if clear_stop and self._settings.client_may_clear_stop:
                self.clear_emergency_stop()
            self._end("a reset")
            self._act_at_once()
            self._look_at_cell()
            if self._emergency is not None:
                raise RobotError(f"the robot is stopped ({self._emergency}) until the emergency stop is cleared")
            self._port.restart()
            self._reset = ResetRun(Answer(), self._clock.now_ms())
            self._phase = "resetting"
            return self._reset.answer

    def end_reset(self, answer: Answer, failure: str | None = None) -> None:
        """What the driver's reset came to; one that was cut short meanwhile stays so."""
        with self._turns.of_others():
            reset = self._reset
            if reset is None or reset.answer is not answer:
                return
            if failure is not None:
                self._fail_reset(failure)
                return
            reset.target = None
            reset.done_at_ms = self._clock.now_ms()

    def reset_command(self, answer: Answer, values: Numbers) -> None:
        target = checked_target(values, self._settings.safe_action.size)
        with self._turns.of_others():
            self._reset_of(answer).target = target

    def reset_tick(self, answer: Answer) -> Sample | None:
        with self._turns.of_others():
            self._reset_of(answer)
            tick = self._grid.tick
            self._turns.wait_for(lambda: self._grid.tick != tick or answer.is_given)
            return self._reset_of(answer).sample

    def release(self, reason: str, *, may_resume: bool) -> None:
        """Nobody is in control any more: the safe action, at once."""
        self._turns.do_or_postpone(lambda: self._release(reason, may_resume))

    def emergency_stop(self, reason: str) -> None:
        """Raises RobotError when the driver keeps the loop; then the stop acts as soon as the driver lets go."""

        def stop() -> None:
            self._latch(reason)
            self._act_at_once()

        if not self._turns.do_or_postpone(stop):
            # Others need not wait for that.
            self._cell.tell_stop(reason)
            raise self._turns.standstill()

    def clear_emergency_stop(self) -> None:
        with self._turns.of_others():
            self._cell.clear_stop()
            self._clear()

    def take_robot(self) -> bool:
        """With a cell: whether no other process has the robot now."""
        with self._turns.of_others():
            return self._cell.take()

    def close(self) -> None:
        """The safe action once more, then no ticks any more."""

        def close() -> None:
            if not self._is_closed:
                self._end("the robot was closed")
                self._act_at_once()
                self._is_closed = True
                self._cell.give_up()

        self._turns.do_or_postpone(close)

    def _run_tick(self) -> None:
        self._command_before = self._port.command
        sample = self._port.read()
        # Not the time before: a read that took long has taken of the watchdog's time.
        now = self._clock.now_ms()
        self._turns.do_postponed()
        if self._is_closed:
            return
        if sample is not None and sample.emergency_stop is not None:
            self._latch(sample.emergency_stop)
        self._look_at_cell()
        if self._phase == "running":
            self._watch(now)
        elif self._reset is not None and self._reset.moves_blindly(self._port.sensor, now, self._settings):
            reason = f"stale observation: {self._port.sensor.describe_at(now)}"
            self._end(reason)
            _log.warning("stopped: %s", reason)
        self._write_next()
        if self._reset is not None:
            self._reset.sample = sample
        self._finish_reset(now)
        self._finish_step()

    def _watch(self, now: float) -> None:
        """What ends a client's control."""
        waited_ms = self._actions.waited_ms(now)
        if waited_ms + _ROUNDING_MS >= self._settings.watchdog_ms:
            self._stop(f"watchdog: no action for {waited_ms:.0f} ms")
        elif not self._port.sensor.is_fresh_at(now):
            self._stop(f"stale observation: {self._port.sensor.describe_at(now)}")

    def _look_at_cell(self) -> None:
        reason, was_cleared = self._cell.look()
        if reason is not None:
            self._latch(reason)
        elif was_cleared:
            self._clear()
        # Handed over only while it is stopped, or not yet moving.
        may_go = self._phase in ("stopped", "ready") and self._reset is None
        if may_go and self._cell.is_wanted:
            self._end("another session took the robot")
            self._write_next()
            self._cell.give_up()

    def _release(self, reason: str, may_resume: bool) -> None:
        if self._phase == "stopped":
            return
        if may_resume and self._phase != "resetting":
            self._stop(reason)
        else:
            self._end(reason)
            _log.warning("stopped: %s", reason)
        self._act_at_once()

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

    def _latch(self, reason: str) -> None:
        if self._emergency is not None:
            return
        self._emergency = reason
        _log.error("emergency stop: %s", reason)
        self._end(f"emergency stop: {reason}")
        self._cell.tell_stop(reason)

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
        if not self._cell.has_robot:
            return
        if self._emergency is not None:
            self._port.write_emergency_stop(self._emergency)
        elif self._phase == "running":
            self._actions.write(self._grid.tick)
        elif self._phase == "resetting" and self._reset is not None and self._reset.target is not None:
            self._port.write_limited(self._reset.target, "reset")
        else:
            self._port.write_safe()

    def _finish_step(self) -> None:
        """Hands out the observation of the tick after the action, or the last one when the action has no future."""
        answer = self._actions.take_finished(self._grid.tick, is_running=self._phase == "running")
        if answer is not None:
            self._hand(answer)

    def _finish_reset(self, now: float) -> None:
        reset, sensor = self._reset, self._port.sensor
        if reset is None:
            return
        if reset.is_over(sensor, now):
            self._reset = None
            self._phase = "ready"
            self._stopped_by = ""
            self._actions.restart()
            self._hand(reset.answer)
        elif (failure := reset.failure(sensor, now, self._settings)) is not None:
            self._fail_reset(failure)

    def _fail_reset(self, reason: str) -> None:
        self._end(reason)
        self._act_at_once()

    def _reset_of(self, answer: Answer) -> ResetRun:
        if self._reset is None or self._reset.answer is not answer:
            raise RobotError(f"the reset was cut short: {self._stopped_by}")
        return self._reset

    def _hand(self, answer: Answer) -> None:
        sensor = self._port.sensor
        if sensor.values is None:
            answer.fail("the robot has not sent an observation yet")
            return
        range_limited, rate_limited = self._actions.limited
        missed_ticks, overruns = self._grid.take_counts()
        answer.give(
            Observed(
                values=sensor.values,
                age_ms=sensor.age_at(self._clock.now_ms()),
                tick=self._grid.tick,
                time_ms=self._grid.time_ms,
                tick_delay_ms=self._grid.delay_ms,
                command=self._command_before,
                range_limited=range_limited,
                rate_limited=rate_limited,
                late_ticks=self._actions.take_late_ticks(),
                missed_ticks=missed_ticks,
                overruns=overruns,
                stopped_by=self._stopped_by,
                is_over=self._phase == "stopped",
            )
        )
        if self._phase != "stopped":
            self._stopped_by = ""

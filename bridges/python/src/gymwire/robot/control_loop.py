"""
The robot's heart: one tick after another at a fixed rate, whatever its client does. At each tick the newest sample is
read and a command is written. When ticks are is the grid's affair, what is commanded the phase machine's; here the two
meet the driver.

`wake` is called by one thread, everything else by others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gymwire.errors import describe_exception
from gymwire.robot.action_limiter import checked_target
from gymwire.robot.answer import Answer, Observed, RobotError
from gymwire.robot.cell import RobotCell
from gymwire.robot.cell_link import CellLink
from gymwire.robot.clock import Clock
from gymwire.robot.driver import Numbers, RobotDriver, Sample
from gymwire.robot.driver_port import DriverPort
from gymwire.robot.loop_event import LoopEvent, log_event
from gymwire.robot.loop_turns import LoopTurns
from gymwire.robot.phase_machine import AbortReset, Command, Fail, Give, Outcome, Output, PhaseMachine, Stop
from gymwire.robot.reset_run import ResetRun
from gymwire.robot.settings import LoopSettings
from gymwire.robot.tick_grid import TickGrid

#: How long a loop may stand still before others are told; at least the watchdog's time.
STANDSTILL_MS = 1000


class ControlLoop:
    def __init__(
        self,
        driver: RobotDriver,
        settings: LoopSettings,
        clock: Clock,
        cell: RobotCell | None = None,
        *,
        tell: Callable[[LoopEvent], None] = log_event,
        patience_ms: float = STANDSTILL_MS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._cell = CellLink(cell)
        self._turns = LoopTurns(max(patience_ms, settings.watchdog_ms))
        self._port = DriverPort(driver, settings, clock, self._turns.do_soon, self._fault, tell)
        self._machine = PhaseMachine(settings, self._port.sensor)
        self._grid = TickGrid(settings.period_ms, clock.now_ms())
        self._is_closed = False
        # What the driver's reset uses; also after its end, until the next one.
        self._reset: ResetRun | None = None

    @property
    def next_tick_ms(self) -> float:
        return self._grid.next_ms

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def emergency(self) -> str | None:
        return self._machine.emergency

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
                outputs = self._machine.act(answer, values, self._clock.now_ms())
            except ValueError as wrong:
                raise RobotError(str(wrong)) from None
            self._do(outputs)
            return answer

    def wait(self, answer: Answer) -> Observed:
        """As long as it takes, while `wake` is called. Raises RobotError."""
        return self._turns.wait(answer)

    def begin_reset(self, *, clear_stop: bool = False) -> ResetRun:
        """
        The driver's own reset may follow, then `end_reset`; the answer comes with a fresh sample after it.

        Raises RobotError while the emergency stop is latched, and while a reset that was cut short has not come back.
        """
        with self._turns.of_others():
            if clear_stop and self._settings.client_may_clear_stop:
                self._cell.clear_stop()
            self._do(self._machine.prepare_reset(clear_stop=clear_stop))
            self._look_at_cell()
            reset = ResetRun(Answer())
            self._do(self._machine.begin_reset(reset.answer, self._clock.now_ms()))
            if self._machine.phase != "resetting":
                # Says why.
                reset.answer.wait(0)
            self._reset = reset
            self._port.restart()
            return reset

    def end_reset(self, reset: ResetRun, failure: str | None = None) -> None:
        """The driver has come back from its reset, also from one that was cut short meanwhile, which stays so."""
        with self._turns.of_others():
            reset.end()
            if self._reset is reset:
                self._cell.show(None)
                self._do(self._machine.end_reset(self._clock.now_ms(), failure))

    def reset_command(self, reset: ResetRun, values: Numbers) -> None:
        """Raises RobotError when the reset was cut short, ValueError for what is no command."""
        target = checked_target(values, self._settings.safe_action.size)
        with self._turns.of_others():
            reset.raise_if_over()
            self._machine.command_reset(target)

    def reset_tick(self, reset: ResetRun) -> Sample | None:
        """Waits for the next tick. Raises RobotError when the reset was cut short."""
        with self._turns.of_others():
            tick = self._grid.tick
            self._turns.wait_for(lambda: self._grid.tick != tick or reset.has_ended)
            reset.raise_if_over()
            return reset.sample

    def reset_confirmed(self, reset: ResetRun, message: str) -> None:
        """Waits for a person. Raises RobotError when the reset was cut short."""
        with self._turns.of_others():
            reset.raise_if_over()
            self._tell(LoopEvent("instruction", message))
            question = reset.ask(message)
            self._cell.show(reset.question)
            self._turns.wait_for(lambda: question.is_done or reset.has_ended)
            if not question.is_done:
                reset.raise_if_over()

    def confirm(self) -> None:
        """What the reset asked a person for is done."""
        with self._turns.of_others():
            self._confirm()

    def release(self, reason: str, *, may_resume: bool) -> None:
        """Nobody is in control any more: the safe action, at once."""
        self._turns.do_or_postpone(lambda: self._do(self._machine.release(reason, may_resume=may_resume)))

    def emergency_stop(self, reason: str) -> None:
        """Raises RobotError when the driver keeps the loop; then the stop acts as soon as the driver lets go."""
        if not self._turns.do_or_postpone(lambda: self._do(self._machine.emergency_stop(reason))):
            # Others need not wait for that.
            self._cell.tell_stop(reason)
            raise self._turns.standstill()

    def clear_emergency_stop(self) -> None:
        with self._turns.of_others():
            self._cell.clear_stop()
            self._do(self._machine.clear_emergency_stop())

    def take_robot(self) -> bool:
        """With a cell: whether no other process has the robot now."""
        with self._turns.of_others():
            return self._cell.take()

    def close(self) -> None:
        """The safe action once more, then no ticks any more."""

        def close() -> None:
            if not self._is_closed:
                self._do(self._machine.close())
                self._is_closed = True
                self._cell.give_up()

        self._turns.do_or_postpone(close)

    def _run_tick(self) -> None:
        self._machine.begin_tick(self._grid.tick)
        sample = self._port.read()
        # Not the time before: a read that took long has taken of the watchdog's time.
        now = self._clock.now_ms()
        self._turns.do_postponed()
        if self._is_closed:
            return
        if sample is not None and sample.emergency_stop is not None:
            self._carry_out(self._machine.latch(sample.emergency_stop))
        self._look_at_cell()
        self._do(self._machine.tick(now))
        if self._reset is not None:
            self._reset.sample = sample
        self._do(self._machine.end_tick(now))

    def _look_at_cell(self) -> None:
        reason, was_cleared = self._cell.look()
        if reason is not None:
            self._carry_out(self._machine.latch(reason))
        elif was_cleared:
            self._carry_out(self._machine.clear_emergency_stop())
        if self._cell.was_confirmed():
            self._confirm()
        # Handed over only while it is stopped, or not yet moving.
        if self._machine.is_idle and self._cell.is_wanted:
            self._carry_out(self._machine.hand_over())
            self._cell.give_up()

    def _confirm(self) -> None:
        if self._reset is not None:
            self._reset.confirm()
            self._cell.show(self._reset.question)

    def _fault(self, message: str) -> None:
        self._do(self._machine.fault(message))

    def _do(self, outputs: Iterable[Output]) -> None:
        """What the machine says, and then what came of it: a driver may fail in between."""
        self._carry_out(outputs)
        self._carry_out(self._machine.settle())

    def _carry_out(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            if isinstance(output, Command):
                if self._may_command:
                    self._port.write(output.command, output.kind)
            elif isinstance(output, Stop):
                if self._may_command:
                    self._port.write_emergency_stop(output.reason)
            elif isinstance(output, Give):
                self._hand(output.answer, output.outcome)
            elif isinstance(output, Fail):
                output.answer.fail(output.message)
            elif isinstance(output, AbortReset):
                self._abort_reset(output.reason)
            else:
                self._tell(output)
                if output.kind == "emergency-stop":
                    self._cell.tell_stop(output.message)

    @property
    def _may_command(self) -> bool:
        return self._cell.has_robot and not self._is_closed

    def _abort_reset(self, reason: str) -> None:
        if self._reset is not None:
            self._reset.abort(reason)
            self._cell.show(None)

    def _hand(self, answer: Answer, outcome: Outcome) -> None:
        sensor = self._port.sensor
        if sensor.values is None:
            return
        missed_ticks, overruns = self._grid.take_counts()
        answer.give(
            Observed(
                values=sensor.values,
                age_ms=sensor.age_at(self._clock.now_ms()),
                tick=self._grid.tick,
                time_ms=self._grid.time_ms,
                tick_delay_ms=self._grid.delay_ms,
                missed_ticks=missed_ticks,
                overruns=overruns,
                **vars(outcome),
            )
        )

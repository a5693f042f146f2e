"""A robot as a Gymnasium environment."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from gymwire.errors import describe_exception
from gymwire.robot.answer import Answer, Observed, RobotError
from gymwire.robot.cell import RobotCell
from gymwire.robot.clock import Clock, RealClock
from gymwire.robot.control_loop import ControlLoop
from gymwire.robot.driver import Numbers, RobotDriver, Sample
from gymwire.robot.loop_event import LoopEvent, log_event
from gymwire.robot.pending_calls import refuse_awaitable
from gymwire.robot.reset_run import ResetRun
from gymwire.robot.settings import checked_timeout, resolve_settings


@dataclass(frozen=True)
class RobotStep:
    """What a step led to, for the task to judge. The arrays are the judge's own."""

    observation: NDArray[np.float64]
    previous_observation: NDArray[np.float64]
    #: As the client gave it.
    action: NDArray[np.float64]
    #: What the robot was told last before the observation.
    command: NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    reward: float
    #: The task is over, and what follows has no value.
    terminated: bool = False
    info: Mapping[str, Any] = field(default_factory=dict)


Judge = Callable[[RobotStep], Verdict]


class RobotEnv(gymnasium.Env[NDArray[Any], NDArray[Any]]):
    """
    A step is carried out at the next tick and returns the observation of the tick after. The robot gets a command at
    every tick from the first reset until `close`, whatever the client does.

    :param judge: reward and end of an episode, after each step
    :param cell: needed where several sessions, each in its own process, share one robot; or an operator stops it
    :param control_rate_hz: ticks a second; a step takes two
    :param safe_action: keeps the robot and those around it from harm; commanded whenever nobody is in control
    :param late_actions: what is commanded at a tick for which an action was due and none came: "hold" the action
        before, "zero" or "safe"
    :param watchdog_ms: the safe action is commanded when the last action came this long ago; default 10 ticks
    :param after_stop: "truncate": after the watchdog, a stale observation or a lost stream the next action is not
        carried out, its step is truncated, and a reset must follow. "resume": it is carried out
    :param action_limits: a tighter range than the action space's, low and high
    :param action_rate_limits: largest change a second, by dimension
    :param max_observation_age_ms: an older observation stops the robot: one that the driver says is older, and any that
        no newer one has followed for so long; default: watchdog_ms
    :param observation_timeout_ms: how long a reset waits for a fresh observation once the driver is through
    :param client_may_clear_stop: whether the reset option `clear_emergency_stop` clears the emergency stop
    :param take_timeout_ms: how long a reset waits for a robot that another session has
    :raises GymwireError: INVALID_ARGUMENT
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 -- Gymnasium's own declaration

    def __init__(
        self,
        driver: RobotDriver,
        observation_space: spaces.Box,
        action_space: spaces.Box,
        judge: Judge,
        *,
        cell: RobotCell | None = None,
        clock: Clock | None = None,
        take_timeout_ms: float = 10_000,
        **settings: Any,
    ) -> None:
        self.observation_space = observation_space
        self.action_space = action_space
        self._judge = judge
        self._driver: Any = driver
        self._cell = cell
        self._take_timeout_ms = checked_timeout("take_timeout_ms", take_timeout_ms)
        resolved = resolve_settings(observation_space, action_space, **settings)
        _call(driver, "open")
        self._clock = clock or RealClock()
        self.loop = ControlLoop(driver, resolved, self._clock, cell)
        self._previous = np.zeros(resolved.observation_size)
        self._thread: threading.Thread | None = None
        # Time that is moved by hand has no thread.
        if clock is None:
            self._thread = threading.Thread(target=self._tick, name="robot", daemon=True)
            self._thread.start()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """May take minutes, or a person. Raises RobotError."""
        super().reset(seed=seed)
        options = options or {}
        self._take_robot()
        reset = self.loop.begin_reset(clear_stop=options.get("clear_emergency_stop") is True)
        failure = None
        try:
            _call(self._driver, "reset", _ResetContext(self.loop, reset, seed, options))
        except Exception as thrown:  # noqa: BLE001 -- a driver may raise anything
            failure = describe_exception(thrown)
        except BaseException as thrown:
            # Ctrl-C in a notebook: the driver has come back all the same.
            self.loop.end_reset(reset, describe_exception(thrown))
            raise
        self.loop.end_reset(reset, failure)
        observed = self._wait(reset.answer)
        self._previous = observed.values.copy()
        return self._observation(observed), _info(observed)

    def step(self, action: NDArray[Any]) -> tuple[NDArray[Any], float, bool, bool, dict[str, Any]]:
        values = np.array(action, np.float64).reshape(-1)
        observed = self._wait(self.loop.act(values))
        # The judge may compute in the arrays that it gets, and keep them.
        previous, self._previous = self._previous, observed.values.copy()
        verdict = self._judge(RobotStep(observed.values.copy(), previous, values, observed.command.copy()))
        if verdict.terminated:
            self.loop.release("the episode is over", may_resume=False)
        info = {**verdict.info, **_info(observed)}
        # The reward as the judge gave it: `float` would make 1 of True and of "1", which the server refuses.
        return self._observation(observed), verdict.reward, verdict.terminated, observed.is_over, info

    def emergency_stop(self, reason: str) -> None:
        """
        At once; holds until it is cleared and a reset follows. With a cell also for all other sessions. Raises
        RobotError when the driver keeps the control loop; then it acts once the driver lets go.
        """
        self.loop.emergency_stop(reason)

    def clear_emergency_stop(self) -> None:
        self.loop.clear_emergency_stop()

    def confirm(self) -> None:
        """Tells a reset that waits for a person that what it asked for is done."""
        self.loop.confirm()

    def detach(self) -> None:
        """The client's stream ended; it may come back."""
        self.loop.release("the client's stream ended", may_resume=True)

    def close(self) -> None:
        """The safe action, then no commands any more: the robot's own timeout takes over."""
        if self.loop.is_closed:
            return
        self.loop.close()
        if self._thread is not None:
            # A driver that keeps the loop keeps its thread, which ends with the process.
            self._thread.join(None if self.loop.is_closed else 0)
        _call(self._driver, "close")

    def _tick(self) -> None:
        while not self.loop.is_closed:
            try:
                self._clock.sleep_until(self.loop.next_tick_ms)
                self.loop.wake()
            except BaseException as thrown:  # noqa: BLE001 -- a driver may exit, and the loop must go on
                with contextlib.suppress(BaseException):
                    self.loop.emergency_stop(f"the driver failed: {describe_exception(thrown)}")

    def _take_robot(self) -> None:
        if self.loop.take_robot() or self._cell is None:
            return
        try:
            until = self._clock.now_ms() + self._take_timeout_ms
            while not self.loop.take_robot():
                # Again and again: another process may be looking at the queue in this very moment.
                self._cell.queue()
                if self._clock.now_ms() >= until:
                    raise RobotError(f"the robot is in use: another session kept it for {self._take_timeout_ms:g} ms")
                self._clock.sleep_until(self._clock.now_ms() + 5)
        finally:
            self._cell.leave_queue()

    def _wait(self, answer: Answer) -> Observed:
        if self._thread is None:
            while not answer.is_given:
                self._clock.sleep_until(self.loop.next_tick_ms)
                self.loop.wake()
            return answer.wait()
        return self.loop.wait(answer)

    def _observation(self, observed: Observed) -> NDArray[Any]:
        return observed.values.astype(self.observation_space.dtype).reshape(self.observation_space.shape)


class _ResetContext:
    def __init__(self, loop: ControlLoop, reset: ResetRun, seed: int | None, options: Mapping[str, Any]) -> None:
        self._loop = loop
        self._reset = reset
        self.seed = seed
        self.options = options
        self.signal = reset.signal

    def command(self, values: Numbers) -> None:
        self._loop.reset_command(self._reset, values)

    def next_tick(self) -> Sample | None:
        return self._loop.reset_tick(self._reset)

    def report(self, message: str) -> None:
        log_event(LoopEvent("report", message))

    def confirmed(self, message: str) -> None:
        self._loop.reset_confirmed(self._reset, message)


def _info(observed: Observed) -> dict[str, Any]:
    return {
        "tick": observed.tick,
        "time_ms": observed.time_ms,
        "tick_delay_ms": observed.tick_delay_ms,
        "observation_age_ms": observed.age_ms,
        "command": observed.command.copy(),
        "range_limited": observed.range_limited.copy(),
        "rate_limited": observed.rate_limited.copy(),
        "late_ticks": observed.late_ticks,
        "missed_ticks": observed.missed_ticks,
        "overruns": observed.overruns,
        "stopped_by": observed.stopped_by,
    }


def _call(driver: Any, name: str, *arguments: object) -> None:
    method = getattr(driver, name, None)
    if method is not None:
        refuse_awaitable(method(*arguments), name)

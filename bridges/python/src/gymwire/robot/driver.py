"""What the user of a robot writes: how to read it, command it and bring it to where an episode starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gymwire.robot.reset_run import ResetSignal

#: Why a command is written: the client's action, once for each; the action before, since nothing new came; zeros for
#: a late action; the safe action, since nobody is in control; what the driver's own reset asked for.
CommandKind = Literal["action", "hold", "zero", "safe", "reset"]

Numbers = Sequence[float] | NDArray[Any]


@dataclass(frozen=True)
class Sample:
    #: One number an element of the observation space, in C order. Copied before the driver is called again.
    values: Numbers
    #: How long ago the robot measured it. Without this and without a time stamp: when it was handed out first.
    age_ms: float | None = None
    #: Why the robot wants to be stopped: a button was pressed, a joint is too hot. Latches the emergency stop.
    emergency_stop: str | None = None
    #: Instead of an age: when the robot measured it, by the loop's clock, `time.perf_counter() * 1000`. The same time
    #: stamp again is the same sample; one that is ahead of the clock, or of another unit, latches the emergency stop; a
    #: sample from before the newest one is ignored.
    measured_at_ms: float | None = None


class ResetContext(Protocol):
    """
    What a reset may use while it is under way; all commands go through the limits that actions have. Once it is over,
    all but `report` raise RobotError.
    """

    seed: int | None
    options: Mapping[str, Any]
    #: Aborted when the reset is cut short: by an emergency stop, by a client that goes away, when the robot is closed.
    signal: ResetSignal

    def command(self, values: Numbers) -> None:
        """
        The target from the next tick on; until the first one the robot gets the safe action. Once the observation is
        older than `max_observation_age_ms`, and the reset has taken as long, the reset is cut short: nobody moves what
        they cannot see. Raises ValueError for what is no command.
        """

    def next_tick(self) -> Sample | None:
        """
        Waits for the next tick, and gives what was read then; None: nothing new. Raises RobotError when the reset is
        cut short, as `command` does.
        """

    def report(self, message: str) -> None:
        """For the log: what goes on."""

    def confirmed(self, message: str) -> None:
        """
        Waits until the operator says that what the message asks for is done (`RobotEnv.confirm`, or from any program
        `RobotCell.confirm`). Raises RobotError when the reset is cut short.
        """


class RobotDriver(Protocol):
    """
    One robot. `read`, `write` and `emergency_stop` are called at the control rate, one at a time, most often by the
    control loop's thread, and must answer at once: a driver keeps the newest sample as it comes in. None of them may be
    `async`. What one of them raises latches the emergency stop; so does a `concurrent.futures.Future` that `write` gave
    and that fails, or is not done within the watchdog's time. A driver may also have `open()`, `reset(context)` and
    `close()`, and `emergency_stop(reason)`, which is called at once and again at every tick until the stop is cleared;
    without it the robot gets the safe action.

    The robot needs a timeout of its own that stops its motors when commands stop coming: no program here can act
    when its machine dies or the cable breaks.
    """

    def read(self) -> Sample | None:
        """
        The newest sample; None: none has come since the call before. The same object again, or without an age the same
        array with the same numbers, is no new one, and its age grows. A driver that makes a `Sample` anew of a message
        that it has handed out before must give its age or time stamp: nothing else tells that the sensor is silent.
        """

    def write(self, command: NDArray[np.float64], kind: CommandKind) -> object:
        """Sends a command, one number an element of the action space."""

"""What the user of a robot writes: how to read it, command it and bring it to where an episode starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

#: Why a command is written: the client's action, once for each; the action before, since nothing new came; zeros for
#: a late action; the safe action, since nobody is in control; what the driver's own reset asked for.
CommandKind = Literal["action", "hold", "zero", "safe", "reset"]

Numbers = Sequence[float] | NDArray[Any]


@dataclass(frozen=True)
class Sample:
    #: One number an element of the observation space, in C order. Copied before the driver is called again.
    values: Numbers
    #: How long ago the robot measured it.
    age_ms: float = 0.0
    #: Why the robot wants to be stopped: a button was pressed, a joint is too hot. Latches the emergency stop.
    emergency_stop: str | None = None


class ResetContext(Protocol):
    """What a reset may use. All commands go through the limits that actions have."""

    seed: int | None
    options: Mapping[str, Any]

    def command(self, values: Numbers) -> None:
        """The target from the next tick on; until the first one the robot gets the safe action."""

    def next_tick(self) -> Sample | None:
        """Waits for the next tick. Raises RobotError when the reset is cut short, as all of these do."""

    def report(self, message: str) -> None:
        """For the log: what goes on."""


class RobotDriver(Protocol):
    """
    One robot. `read`, `write` and `emergency_stop` are called by the control loop's thread at the control rate and
    must answer at once: a driver keeps the newest sample as it comes in. What one of them raises latches the emergency
    stop. A driver may also have `open()`, `reset(context)` and `close()`, and `emergency_stop(reason)`, which is called
    at once and again at every tick until the stop is cleared; without it the robot gets the safe action.

    The robot needs a timeout of its own that stops its motors when commands stop coming: no program here can act
    when its machine dies or the cable breaks.
    """

    def read(self) -> Sample | None:
        """The newest sample; None: none has come yet."""

    def write(self, command: NDArray[np.float64], kind: CommandKind) -> None:
        """Sends a command, one number an element of the action space."""

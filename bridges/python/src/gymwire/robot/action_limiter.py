"""What an action may ask of a robot: a range and a largest change a tick, each by dimension."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gymwire.robot.driver import Numbers
from gymwire.robot.settings import LoopSettings

Flags = NDArray[np.bool_]


def checked_target(values: Numbers, size: int) -> NDArray[np.float64]:
    """A copy of what is to be limited. Raises ValueError for what no limit could make a command of."""
    target = np.array(values, np.float64).reshape(-1)
    if target.shape != (size,):
        raise ValueError(f"expected a command of {size} numbers, got {target.size}")
    if not np.all(np.isfinite(target)):
        wrong = int(np.argmin(np.isfinite(target)))
        raise ValueError(f"number {wrong} of the command is {target[wrong]}")
    return target


def limit_action(
    target: NDArray[np.float64], previous: NDArray[np.float64], settings: LoopSettings
) -> tuple[NDArray[np.float64], Flags, Flags]:
    """
    The command, and by dimension whether the target was outside its range, and whether it was too far for one tick.

    :param previous: the command before, whatever it was written for
    """
    in_range = np.clip(target, settings.low, settings.high)
    change = settings.max_change_per_tick
    command = np.clip(in_range, previous - change, previous + change)
    return command, in_range != target, command != in_range

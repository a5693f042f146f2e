"""The control loop's settings, checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from gymwire.errors import GymwireError
from gymwire.robot.driver import Numbers

# A limit of 0 no sample could keep.
_LEAST_MS = 0.001

LateActions = Literal["hold", "zero", "safe"]
AfterStop = Literal["truncate", "resume"]


@dataclass(frozen=True)
class LoopSettings:
    """Its arrays are its own, and read-only."""

    period_ms: float
    late_actions: LateActions
    watchdog_ms: float
    after_stop: AfterStop
    client_may_clear_stop: bool
    max_observation_age_ms: float
    observation_timeout_ms: float
    observation_size: int
    safe_action: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    #: inf: no limit
    max_change_per_tick: NDArray[np.float64]


def resolve_settings(
    observation_space: spaces.Box,
    action_space: spaces.Box,
    *,
    control_rate_hz: float,
    safe_action: Numbers,
    late_actions: LateActions = "hold",
    watchdog_ms: float | None = None,
    after_stop: AfterStop = "truncate",
    action_limits: tuple[Numbers, Numbers] | None = None,
    action_rate_limits: Numbers | None = None,
    max_observation_age_ms: float | None = None,
    observation_timeout_ms: float = 2000,
    client_may_clear_stop: bool = False,
) -> LoopSettings:
    """Raises GymwireError INVALID_ARGUMENT, naming the option, what it takes and what came."""
    _check_floats("observation_space", observation_space)
    _check_floats("action_space", action_space)
    period_ms = 1000 / _in_range("control_rate_hz", control_rate_hz, 0.1, 10_000)
    size = int(np.prod(action_space.shape))
    space_low = _numbers("action_space.low", action_space.low, size)
    space_high = _numbers("action_space.high", action_space.high, size)
    limits = (space_low, space_high) if action_limits is None else action_limits
    if len(limits) != 2:
        raise _invalid("action_limits", "a pair of low and high", limits)
    low, high = _numbers("action_limits[0]", limits[0], size), _numbers("action_limits[1]", limits[1], size)
    safe = _numbers("safe_action", safe_action, size)
    for i in range(size):
        _in_range(f"action_limits[0][{i}]", low[i], space_low[i], high[i])
        _in_range(f"action_limits[1][{i}]", high[i], low[i], space_high[i])
        _in_range(f"safe_action[{i}]", safe[i], low[i], high[i])
    rates = np.full(size, math.inf)
    if action_rate_limits is not None:
        rates = _numbers("action_rate_limits", action_rate_limits, size)
        for i, rate in enumerate(rates):
            _in_range(f"action_rate_limits[{i}]", rate, np.finfo(np.float64).tiny)
    watchdog_ms = _in_range("watchdog_ms", 10 * period_ms if watchdog_ms is None else watchdog_ms, 3 * period_ms)
    age_ms = watchdog_ms if max_observation_age_ms is None else max_observation_age_ms
    return LoopSettings(
        period_ms=period_ms,
        late_actions=_one_of("late_actions", late_actions, ("hold", "zero", "safe")),
        watchdog_ms=watchdog_ms,
        after_stop=_one_of("after_stop", after_stop, ("truncate", "resume")),
        client_may_clear_stop=client_may_clear_stop is True,
        max_observation_age_ms=_in_range("max_observation_age_ms", age_ms, _LEAST_MS),
        observation_timeout_ms=_in_range("observation_timeout_ms", observation_timeout_ms, 0),
        observation_size=int(np.prod(observation_space.shape)),
        safe_action=safe,
        low=low,
        high=high,
        max_change_per_tick=_fixed(rates * period_ms / 1000),
    )


def checked_timeout(name: str, value: float) -> float:
    """Raises GymwireError INVALID_ARGUMENT."""
    return _in_range(name, value, 0)


def _check_floats(name: str, space: Any) -> None:
    if not isinstance(space, spaces.Box) or space.dtype not in (np.float32, np.float64):
        raise _invalid(name, "a Box of float32 or float64", space)


def _numbers(name: str, values: Numbers, size: int) -> NDArray[np.float64]:
    array = np.array(values, np.float64).reshape(-1)
    if array.shape != (size,) or not np.all(np.isfinite(array)):
        raise _invalid(name, f"{size} finite numbers", values)
    return _fixed(array)


def _fixed(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nobody writes into what the robot's safety relies on; whoever tries is told."""
    array.setflags(write=False)
    return array


def _in_range(name: str, value: float, minimum: float, maximum: float = math.inf) -> float:
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if is_number and minimum <= value <= maximum and math.isfinite(value):
        return float(value)
    bounds = f"{minimum:g} or more" if maximum == math.inf else f"{minimum:g} to {maximum:g}"
    raise _invalid(name, f"a number of {bounds}", value)


def _one_of(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    if value not in choices:
        raise _invalid(name, ", ".join(choices), value)
    return value


def _invalid(name: str, expected: str, got: object) -> GymwireError:
    return GymwireError("INVALID_ARGUMENT", f"robot option {name}: expected {expected}, got {got}")

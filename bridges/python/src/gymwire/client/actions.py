"""What users hand to `step` → values of the action space."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.errors import GymwireError


def to_action(space: Space, action: Any, *, batched: bool) -> Any:
    """
    Arrays get the space's dtype: users pass lists and float64. Shapes are for the server to check.

    Raises GymwireError BAD_ACTION for what has not the structure of the space, and for numbers that a space of integers
    would make others of.
    """
    try:
        return _convert(space, action, batched=batched)
    except (TypeError, ValueError, KeyError) as error:
        raise GymwireError("BAD_ACTION", f"action: expected a member of {space}, got {action!r}") from error


def _convert(space: Space, action: Any, *, batched: bool) -> Any:
    if isinstance(space, spaces.Discrete):
        if batched:
            return _integers(action, np.dtype(np.int64))
        return action if isinstance(action, (int, np.integer, np.ndarray)) else operator.index(action)
    if isinstance(space, spaces.Box):
        return _numbers(action, np.dtype(space.dtype))
    if isinstance(space, (spaces.MultiBinary, spaces.MultiDiscrete)):
        return _integers(action, np.dtype(space.dtype))
    if isinstance(space, spaces.Dict):
        if not isinstance(action, Mapping):
            raise TypeError("no dictionary")
        return {key: _convert(inner, action[key], batched=batched) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        if not isinstance(action, Sequence) or len(action) != len(space.spaces):
            raise TypeError("no tuple of that length")
        return tuple(_convert(inner, part, batched=batched) for inner, part in zip(space.spaces, action, strict=True))
    return tuple(action) if batched else action


def _numbers(action: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    if type(action) is np.ndarray and action.dtype == dtype:
        return action
    array = np.asarray(action)
    if array.dtype.kind not in "iubf":
        raise TypeError(f"expected numbers, got {array.dtype}")
    # What is too large for a float becomes infinite, and the server says where.
    with np.errstate(over="ignore", invalid="ignore"):
        converted = array.astype(dtype, casting="unsafe", copy=False)
    # NumPy makes 44 of 300 in a uint8, and 0 of NaN: another action, that nobody asked for.
    if dtype.kind != "f" and not np.array_equal(converted, array):
        raise ValueError(f"expected whole numbers that fit {dtype}")
    return converted


def _integers(action: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    array = np.asarray(action)
    if array.dtype.kind not in "iub":
        raise TypeError(f"expected integers, got {array.dtype}")
    return _numbers(array, dtype)

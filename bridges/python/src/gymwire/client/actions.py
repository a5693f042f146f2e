"""What users hand to `step` → values of the action space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.errors import GymwireError


def to_action(space: Space, action: Any, *, batched: bool) -> Any:
    """
    Arrays get the space's dtype: users pass lists and float64. Shapes are for the server to check.

    Raises GymwireError BAD_ACTION for what has not the structure of the space.
    """
    try:
        return _convert(space, action, batched=batched)
    except (TypeError, ValueError, KeyError) as error:
        raise GymwireError("BAD_ACTION", f"action: expected a member of {space}, got {action!r}") from error


def _convert(space: Space, action: Any, *, batched: bool) -> Any:
    if isinstance(space, spaces.Discrete):
        if batched:
            return _integers(action, np.dtype(np.int64))
        return action if isinstance(action, (int, np.integer, np.ndarray)) else int(action)
    if isinstance(space, spaces.Box):
        return np.asarray(action).astype(space.dtype, casting="unsafe", copy=False)
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


def _integers(action: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    array = np.asarray(action)
    if array.dtype.kind not in "iub":
        raise TypeError(f"expected integers, got {array.dtype}")
    return array.astype(dtype, copy=False)

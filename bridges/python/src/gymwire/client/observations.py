"""Observations that a server answered with → a batch or members of the space, held to its structure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.errors import GymwireError
from gymwire.session.space_member import describe_value


def batch_of(space: Space, batch: Any, count: int, where: str) -> Any:
    """
    A batch of `count` rows. The wire batches the integers of a Discrete space as int64, Gymnasium in the space's own
    dtype.

    Raises GymwireError MALFORMED, naming what was expected, what came and where.
    """
    if isinstance(space, spaces.Dict):
        if not isinstance(batch, Mapping) or batch.keys() != space.spaces.keys():
            raise _malformed(where, f"a dictionary with the keys {', '.join(space.spaces)}", batch)
        return {key: batch_of(inner, batch[key], count, f"{where}.{key}") for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        parts = _tuple_of(batch, len(space.spaces), where)
        pairs = enumerate(zip(space.spaces, parts, strict=True))
        return tuple(batch_of(inner, part, count, f"{where}[{index}]") for index, (inner, part) in pairs)
    if isinstance(space, spaces.Text):
        return _tuple_of(batch, count, where)
    dtype = np.dtype(np.int64) if isinstance(space, spaces.Discrete) else np.dtype(space.dtype)
    if type(batch) is not np.ndarray or batch.dtype != dtype or batch.shape != (count, *(space.shape or ())):
        shape = ", ".join(map(str, (count, *(space.shape or ()))))
        raise _malformed(where, f"{dtype.name} [{shape}]", batch)
    return batch.astype(space.dtype, copy=False) if isinstance(space, spaces.Discrete) else batch


def members_of(space: Space, batch: Any, count: int, where: str) -> list[Any]:
    """
    The rows of a batch, each an array of its own; an integer of a Discrete space as an int, which is what most
    environments return.

    Raises GymwireError MALFORMED as `batch_of`.
    """
    own = batch_of(space, batch, count, where)
    return [_row_of(space, own, row) for row in range(count)]


def _row_of(space: Space, batch: Any, row: int) -> Any:
    if isinstance(space, spaces.Dict):
        return {key: _row_of(inner, batch[key], row) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_row_of(inner, part, row) for inner, part in zip(space.spaces, batch, strict=True))
    if isinstance(space, spaces.Discrete):
        return int(batch[row])
    return batch[row] if isinstance(space, spaces.Text) else batch[row].copy()


def _tuple_of(value: Any, length: int, where: str) -> tuple[Any, ...]:
    if isinstance(value, tuple) and len(value) == length:
        return value
    raise _malformed(where, f"a tuple of {length}", value)


def _malformed(where: str, expected: str, got: Any) -> GymwireError:
    return GymwireError("MALFORMED", f"{where}: expected {expected}, got {describe_value(got)}")

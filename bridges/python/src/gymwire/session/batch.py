"""Many values of one space ⇄ one batch with a leading dimension, as Gymnasium's vector environments do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.session.space_member import integer_of


def stack(space: Space, rows: Sequence[Any]) -> Any:
    """Stacks members of `space`; Text becomes a tuple of strings. The result shares no memory with its rows."""
    if isinstance(space, (spaces.Box, spaces.MultiDiscrete)):
        return np.stack(rows).astype(space.dtype, copy=False)
    if isinstance(space, spaces.MultiBinary):
        return np.stack(rows).astype(np.int8, copy=False)
    if isinstance(space, spaces.Discrete):
        return np.array([integer_of(row) for row in rows], dtype=np.int64)
    if isinstance(space, spaces.Dict):
        return {key: stack(inner, [row[key] for row in rows]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(stack(inner, [row[index] for row in rows]) for index, inner in enumerate(space.spaces))
    return tuple(rows)


def unstack(space: Space, batch: Any, count: int) -> list[Any] | None:
    """The rows of a batch; None when it has not the structure of `count` members of `space`."""
    if isinstance(space, spaces.Dict):
        if not isinstance(batch, Mapping) or not batch.keys() <= space.spaces.keys():
            return None
        columns = {key: unstack(space.spaces[key], batch[key], count) for key in batch}
        if any(column is None for column in columns.values()):
            return None
        return [{key: column[row] for key, column in columns.items() if column} for row in range(count)]
    if isinstance(space, spaces.Tuple):
        if not isinstance(batch, tuple) or len(batch) != len(space.spaces):
            return None
        parts = [unstack(inner, part, count) for inner, part in zip(space.spaces, batch, strict=True)]
        if any(part is None for part in parts):
            return None
        return [tuple(part[row] for part in parts if part is not None) for row in range(count)]
    if isinstance(space, spaces.Text):
        return list(batch) if isinstance(batch, tuple) and len(batch) == count else None
    if not isinstance(batch, np.ndarray) or batch.shape[:1] != (count,):
        return None
    # Of a one-dimensional batch, arrays of shape (), not scalars: what `integer_of` and the checks take alike.
    return [batch[row, ...] for row in range(count)]


def slice_of(space: Space, batch: Any, start: int, end: int) -> Any:
    """Some rows of a batch, which has the structure of `space`."""
    if isinstance(space, spaces.Dict):
        return {key: slice_of(inner, batch[key], start, end) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        pairs = zip(space.spaces, batch, strict=True)
        return tuple(slice_of(inner, part, start, end) for inner, part in pairs)
    return batch[start:end]

"""Batches of a space as the wire has them: made of what a simulator gave, and looked at as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.session.host_arrays import on_host
from gymwire.session.members import to_array, to_integers
from gymwire.session.space_member import Mismatch, describe_value, find_mismatch


def to_batch(space: Space, value: Any, *, casts: bool = False) -> Any:
    """
    On the host, and of the dtypes that the wire has, where that takes nothing away; else what came, for the check to
    refuse. Memory of the simulator's own stays what it is: encode it before the next call.

    :param casts: also where digits are lost, as in float32 of float64; never a float to an integer
    """
    if isinstance(space, spaces.Dict) and isinstance(value, Mapping):
        inner = space.spaces
        return {key: to_batch(inner[key], one, casts=casts) if key in inner else one for key, one in value.items()}
    if isinstance(space, spaces.Tuple) and isinstance(value, (tuple, list)) and len(value) == len(space.spaces):
        return tuple(to_batch(one, part, casts=casts) for one, part in zip(space.spaces, value, strict=True))
    if isinstance(space, spaces.Text):
        return tuple(value) if isinstance(value, (tuple, list)) else value
    own = on_host(value)
    dtype = dtype_of(space)
    if dtype is None or (type(own) is np.ndarray and own.dtype == dtype and own.dtype.isnative):
        return own
    return to_array(own, dtype, casts=casts) if isinstance(space, spaces.Box) else to_integers(own, dtype)


def dtype_of(space: Space) -> np.dtype[Any] | None:
    """That of a batch on the wire; None of what is no array."""
    if isinstance(space, (spaces.Box, spaces.MultiDiscrete)):
        return np.dtype(space.dtype)
    if isinstance(space, spaces.MultiBinary):
        return np.dtype(np.int8)
    return np.dtype(np.int64) if isinstance(space, spaces.Discrete) else None


def find_batch_mismatch(
    space: Space, value: Any, where: str, indices: Sequence[int], *, bounds: bool
) -> Mismatch | None:
    """
    As `find_mismatch`, of a batch with one row for each of `indices`, which names the environment that is wrong. All
    rows are looked at in one go, and singly only where one of them is wrong.
    """
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = _parts(space, value, where)
        if parts is None:
            return find_mismatch(space, value, where, bounds=bounds)
        found = (find_batch_mismatch(*part, indices, bounds=bounds) for part in parts)
        return next((wrong for wrong in found if wrong is not None), None)
    if isinstance(space, spaces.Text):
        if not isinstance(value, tuple) or len(value) != len(indices):
            return _not_as(where, f"{len(indices)} texts", value)
    else:
        shape, dtype = (len(indices), *(space.shape or ())), dtype_of(space)
        is_array = isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray)
        if not is_array or value.shape != shape or value.dtype != dtype:
            return _not_as(where, f"{dtype} [{', '.join(map(str, shape))}]", value, space)
        if _are_members(space, value, bounds=bounds):
            return None
    rows = (
        find_mismatch(space, row, f"{where} of environment {index}", bounds=bounds)
        for index, row in zip(indices, value, strict=True)
    )
    return next((wrong for wrong in rows if wrong is not None), None)


def rows_of(space: Space, batch: Any, rows: Any) -> Any:
    """The rows that NumPy's index or mask names, of a batch as `to_batch` makes it."""
    if isinstance(space, spaces.Dict):
        return {key: rows_of(inner, batch[key], rows) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(rows_of(inner, part, rows) for inner, part in zip(space.spaces, batch, strict=True))
    if isinstance(space, spaces.Text):
        return tuple(batch[index] for index in np.arange(len(batch))[rows])
    return batch[rows]


def merged(space: Space, first: Any, second: Any, mask: Any) -> Any:
    """A batch of its own: rows of `first` where the mask is true, else of `second`."""
    if isinstance(space, spaces.Dict):
        return {key: merged(inner, first[key], second[key], mask) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        parts = zip(space.spaces, first, second, strict=True)
        return tuple(merged(inner, one, other, mask) for inner, one, other in parts)
    if isinstance(space, spaces.Text):
        return tuple(one if own else other for one, other, own in zip(first, second, mask, strict=True))
    return np.where(mask.reshape(-1, *[1] * (first.ndim - 1)), first, second)


def _parts(space: Space, value: Any, where: str) -> list[tuple[Any, Any, str]] | None:
    """None where the value has another structure."""
    if isinstance(space, spaces.Dict):
        if not isinstance(value, Mapping) or value.keys() != space.spaces.keys():
            return None
        return [(inner, value[key], f"{where}.{key}") for key, inner in space.spaces.items()]
    if not isinstance(space, spaces.Tuple) or not isinstance(value, tuple) or len(value) != len(space.spaces):
        return None
    return [(inner, value[at], f"{where}[{at}]") for at, inner in enumerate(space.spaces)]


def _are_members(space: Space, batch: np.ndarray[Any, Any], *, bounds: bool) -> bool:
    if isinstance(space, spaces.Box):
        if batch.dtype.kind == "f" and np.count_nonzero(np.isfinite(batch)) < batch.size:
            return False
        return not bounds or not np.count_nonzero((batch < space.low) | (batch > space.high))
    if isinstance(space, spaces.MultiBinary):
        return not np.count_nonzero((batch != 0) & (batch != 1))
    first: Any = np.asarray(getattr(space, "start", 0))
    after: Any = first + (space.n if isinstance(space, spaces.Discrete) else np.asarray(getattr(space, "nvec", 0)))
    return not np.count_nonzero((batch < first) | (batch >= after))


def _not_as(where: str, expected: str, got: Any, space: Any = None) -> Mismatch:
    message = f"{where}: expected {expected}, got {describe_value(got)}"
    return Mismatch("structure", message, {"where": where}, space, got)

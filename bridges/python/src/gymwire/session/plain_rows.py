"""
Observations of many environments, written where they will be sent from. What is exactly as its space says (most is, at
every step) is copied there at once and looked at when all are there; anything else goes the longer way, environment by
environment, and comes to the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.session.space_member import integer_of


class PlainRows(ABC):
    """Of one step; `batch` is what `stack` makes of the observations."""

    @abstractmethod
    def take(self, index: int, observation: Any) -> bool:
        """Copies what needs no conversion. False: it is something else, and the row is not to be used."""

    @abstractmethod
    def put(self, index: int, member: Any) -> None:
        """Copies a member of the space, converted and checked."""

    @abstractmethod
    def row(self, index: int) -> Any:
        """What `take` or `put` was given, as it is in the batch."""

    @property
    @abstractmethod
    def batch(self) -> Any: ...

    @abstractmethod
    def is_finite(self) -> bool:
        """Whether all rows are, those that were never written included."""

    @abstractmethod
    def is_within(self) -> bool:
        """Whether no row leaves the bounds of its space."""


def plain_rows(space: Space, count: int) -> PlainRows | None:
    """For one step of so many environments; None for spaces whose members are no arrays."""
    if isinstance(space, spaces.Box):
        return _BoxRows(space, count)
    if isinstance(space, spaces.Discrete):
        return _IntegerRows(space, count)
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        inner = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces)
        parts = {key: plain_rows(one, count) for key, one in inner}
        known = {key: part for key, part in parts.items() if part is not None}
        if len(known) < len(parts):
            return None
        return _DictRows(known) if isinstance(space, spaces.Dict) else _TupleRows(known)
    return None


class _BoxRows(PlainRows):
    def __init__(self, space: spaces.Box, count: int) -> None:
        self._space = space
        self._dtype = space.dtype
        self._shape = space.shape
        self._rows = np.empty((count, *space.shape), space.dtype)

    def take(self, index: int, observation: Any) -> bool:
        # The type itself: a masked array is an array too. Byte orders are part of a dtype.
        if type(observation) is not np.ndarray or observation.dtype != self._dtype or observation.shape != self._shape:
            return False
        self._rows[index] = observation
        return True

    def put(self, index: int, member: Any) -> None:
        self._rows[index] = member

    def row(self, index: int) -> Any:
        return self._rows[index, ...]

    @property
    def batch(self) -> Any:
        return self._rows

    def is_finite(self) -> bool:
        # count_nonzero takes a fraction of the time of any and all on arrays of this size.
        return self._dtype.kind != "f" or np.count_nonzero(np.isfinite(self._rows)) == self._rows.size

    def is_within(self) -> bool:
        inside = (self._rows >= self._space.low) & (self._rows <= self._space.high)
        return bool(np.count_nonzero(inside) == self._rows.size)


class _IntegerRows(PlainRows):
    def __init__(self, space: spaces.Discrete, count: int) -> None:
        self._first, self._last = int(space.start), int(space.start + space.n - 1)
        self._rows = np.empty(count, np.int64)

    def take(self, index: int, observation: Any) -> bool:
        kind = type(observation)
        if (kind is not int and kind is not np.int64) or not self._first <= observation <= self._last:
            return False
        self._rows[index] = observation
        return True

    def put(self, index: int, member: Any) -> None:
        # A member is one, whatever holds it.
        self._rows[index] = integer_of(member) or 0

    def row(self, index: int) -> Any:
        return self._rows[index]

    @property
    def batch(self) -> Any:
        return self._rows

    def is_finite(self) -> bool:
        return True

    def is_within(self) -> bool:
        return True


class _DictRows(PlainRows):
    def __init__(self, parts: dict[Any, PlainRows]) -> None:
        self._parts = parts

    def take(self, index: int, observation: Any) -> bool:
        if type(observation) is not dict or observation.keys() != self._parts.keys():
            return False
        return all(part.take(index, observation[key]) for key, part in self._parts.items())

    def put(self, index: int, member: Any) -> None:
        for key, part in self._parts.items():
            part.put(index, member[key])

    def row(self, index: int) -> Any:
        return {key: part.row(index) for key, part in self._parts.items()}

    @property
    def batch(self) -> Any:
        return {key: part.batch for key, part in self._parts.items()}

    def is_finite(self) -> bool:
        return all(part.is_finite() for part in self._parts.values())

    def is_within(self) -> bool:
        return all(part.is_within() for part in self._parts.values())


class _TupleRows(_DictRows):
    def take(self, index: int, observation: Any) -> bool:
        if type(observation) is not tuple or len(observation) != len(self._parts):
            return False
        return all(part.take(index, item) for part, item in zip(self._parts.values(), observation, strict=True))

    def row(self, index: int) -> Any:
        return tuple(part.row(index) for part in self._parts.values())

    @property
    def batch(self) -> Any:
        return tuple(part.batch for part in self._parts.values())

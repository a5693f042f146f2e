"""
Observations as their spaces have them. What `space.contains` accepts is accepted here, where nothing is lost: int32 in
a space of int64, float32 in one of float64, arrays of another byte order or library, Python's numbers and lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.codec.values import plain_of


def to_member(space: Space, value: Any, *, casts: bool = False) -> Any:
    """
    A copy, of the space's dtype where that takes nothing away; else a copy of what came, for the check to refuse.

    :param casts: also where digits are lost, as in float32 of float64; never a float to an integer
    """
    if isinstance(space, spaces.Box):
        return to_array(value, np.dtype(space.dtype), casts=casts)
    if isinstance(space, spaces.MultiDiscrete):
        return to_integers(value, np.dtype(space.dtype))
    if isinstance(space, spaces.MultiBinary):
        return to_integers(value, None)
    if isinstance(space, spaces.Discrete):
        return _to_integer(value)
    if isinstance(space, spaces.Dict) and isinstance(value, Mapping):
        inner = space.spaces
        return {key: to_member(inner[key], item, casts=casts) if key in inner else item for key, item in value.items()}
    if isinstance(space, spaces.Tuple):
        items = list(value) if isinstance(value, np.ndarray) else value
        if isinstance(items, (tuple, list)) and len(items) == len(space.spaces):
            pairs = zip(space.spaces, items, strict=True)
            return tuple(to_member(one, item, casts=casts) for one, item in pairs)
    return value


def remedy_for(space: Space, value: Any) -> str:
    """What to do where an array, or a list of numbers, is refused for its dtype alone; else nothing."""
    if not isinstance(space, spaces.Box):
        return ""
    if _is_python(value):
        return _remedy_for_numbers(space, value)
    if not isinstance(value, np.ndarray):
        return ""
    if value.shape != space.shape or not np.can_cast(value.dtype, space.dtype, "same_kind"):
        return ""
    name = np.dtype(space.dtype).name
    return (
        f", which {name} cannot hold without loss: wrap it in gymnasium.wrappers.DtypeObservation(env, np.{name}), or "
        "serve it with cast_observations (--cast-observations)"
    )


def _remedy_for_numbers(space: spaces.Box, value: Any) -> str:
    """Of a list, or a number of Python's; nothing where it is its shape that is wrong."""
    array = _array_of(value)
    if not isinstance(array, np.ndarray) or array.shape != space.shape:
        return ""
    dtype = np.dtype(space.dtype)
    lost = next((number for number in array.flat if _exact_array(number.item(), dtype) is None), None)
    if lost is None:
        return ""
    remedy = f": return np.asarray(…, np.{dtype.name})" if dtype.kind == "f" else ""
    return f" with {lost.item()!r}, which {dtype.name} cannot hold without loss{remedy}"


def _is_python(value: Any) -> bool:
    """Python's numbers, and lists of them, have no dtype that could be the wrong one: their values count."""
    return isinstance(value, (bool, int, float, list, tuple)) and not isinstance(value, np.generic)


def _array_of(value: Any) -> Any:
    """What is none stays what it is."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value
    if _is_python(value):
        try:
            array = np.asarray(value)
        except ValueError:
            # Lists of different lengths.
            return value
        # Lists of texts and so on.
        return array if array.dtype.kind in "iubf" else value
    if value is None or isinstance(value, (str, bytes, Mapping)):
        return value
    plain = plain_of(value)
    return value if plain is None else np.asarray(plain)


def to_array(value: Any, dtype: np.dtype[Any], *, casts: bool) -> Any:
    """Of the dtype, in memory of its own, where that takes nothing away; else what came."""
    if type(value) is np.ndarray and value.dtype == dtype and value.dtype.isnative:
        return value.copy()
    is_python = _is_python(value)
    if is_python and (exact := _exact_array(value, dtype)) is not None:
        return exact
    array = _array_of(value)
    if not isinstance(array, (np.ndarray, np.generic)) or isinstance(array, np.ma.MaskedArray):
        return value
    rule: Literal["same_kind", "safe"] = "same_kind" if casts else "safe"
    own = np.asarray(array)
    if is_python and not (casts and np.can_cast(own.dtype, dtype, rule)):
        return value
    if own.dtype.kind not in "iubf" or not np.can_cast(own.dtype, dtype, rule):
        return own.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        cast = own.astype(dtype)
        if own.dtype.kind not in "iu" or (casts and dtype.kind == "f"):
            return cast
        # NumPy calls int64 to float64 safe, which is so up to 2^53; and between integers it wraps.
        back = cast.astype(own.dtype) if dtype.kind == "f" else cast
    return cast if np.array_equal(back, own) else own.copy()


def _exact_array(value: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
    """Of the dtype, if that takes nothing away from any of the numbers; None: it does, or they are none."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            cast = np.asarray(value, dtype)
        given = np.asarray(value, object)
    except (ValueError, TypeError, OverflowError):
        return None
    return cast if cast.shape == given.shape and all(map(_is_same_number, given.flat, cast.flat)) else None


def _is_same_number(given: Any, cast: Any) -> bool:
    """As Python compares: exactly, also an int with a float."""
    number, own = given.item() if isinstance(given, np.generic) else given, cast.item()
    return isinstance(number, (bool, int, float)) and bool(number == own or (number != number and own != own))


def to_integers(value: Any, dtype: np.dtype[Any] | None) -> Any:
    """As `to_array`. None: of whatever integer type it has."""
    array = _array_of(value)
    if not isinstance(array, (np.ndarray, np.generic)) or isinstance(array, np.ma.MaskedArray):
        return value
    own = np.asarray(array)
    is_integer = own.dtype.kind in "iub"
    if dtype is None and is_integer:
        return own.astype(own.dtype.newbyteorder("="))
    if own.dtype.kind not in "iubf":
        return own.copy()
    with np.errstate(invalid="ignore"):
        cast = own.astype(np.int8 if dtype is None else dtype)
    return cast if np.array_equal(cast, own) else own.copy()


def _to_integer(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, np.generic)):
        return value
    plain = value if isinstance(value, np.ndarray) else _array_of(value)
    return plain.copy() if isinstance(plain, np.ndarray) else plain

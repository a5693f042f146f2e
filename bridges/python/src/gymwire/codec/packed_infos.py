"""
Infos of many environments ⇄ columns: one array a key, instead of a message for each number. Read row by row, they are
the dictionaries that went in, with the types that they had. See docs/protocol.md, "Packed infos".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gymwire.codec.values import (
    WIRE_DTYPES,
    decode_entries,
    decode_tensor,
    decode_value,
    encode_tensor,
    travels_as_it_lies,
)
from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

#: What is larger, or has more keys, is weighed entry by entry.
_MAX_KEYS = 64
_MAX_KEY_LENGTH = 100
_MAX_ARRAY_BYTES = 2**16
#: Of one process. A simulator whose infos are never alike gains nothing here.
_MAX_FORMS = 256
_MAX_DEPTH = 32

_FLOATS, _INTS, _BOOLS, _SCALARS, _ARRAYS = "floats", "ints", "bools", "scalars", "arrays"

_KINDS: Mapping[type, str] = {
    float: _FLOATS,
    int: _INTS,
    bool: _BOOLS,
    np.ndarray: _ARRAYS,
    **{np.dtype(name).type: _SCALARS for name in WIRE_DTYPES},
}
_COLUMN_DTYPES: Mapping[str, np.dtype[Any]] = {
    _FLOATS: np.dtype(np.float64),
    _INTS: np.dtype(np.int64),
    _BOOLS: np.dtype(np.bool_),
}


class _Form:
    """Of infos with the same keys in the same order, and values of the same types."""

    def __init__(self, keys: Sequence[str], types: Sequence[type]) -> None:
        self.keys = keys
        self.kinds = [_KINDS[kind] for kind in types]
        #: Of the columns; None: that of the arrays.
        self.dtypes = [None if kind is np.ndarray else _COLUMN_DTYPES.get(_KINDS[kind], kind) for kind in types]
        self.ints = [index for index, kind in enumerate(self.kinds) if kind == _INTS]
        self.arrays = [index for index, kind in enumerate(self.kinds) if kind == _ARRAYS]


class PlainInfo:
    """An info of numbers and arrays: what its simulator does to its own from now on is not in it."""

    __slots__ = ("form", "shapes", "values")

    def __init__(self, form: _Form, values: list[Any], shapes: tuple[Any, ...]) -> None:
        self.form = form
        self.values = values
        #: Of its arrays, with their dtypes.
        self.shapes = shapes

    def entries(self) -> list[value_pb2.DictEntry]:
        """As `encode_entries` of the dictionary."""
        make = (_ENTRIES[kind] for kind in self.form.kinds)
        return [one(key, value) for one, key, value in zip(make, self.form.keys, self.values, strict=True)]


def _scalar_entry(key: str, value: Any) -> value_pb2.DictEntry:
    return value_pb2.DictEntry(key=key, value=value_pb2.Value(scalar=encode_tensor(value)))


def _array_entry(key: str, value: Any) -> value_pb2.DictEntry:
    return value_pb2.DictEntry(key=key, value=value_pb2.Value(tensor=encode_tensor(value)))


_ENTRIES: Mapping[str, Callable[[str, Any], value_pb2.DictEntry]] = {
    _FLOATS: lambda key, value: value_pb2.DictEntry(key=key, value=value_pb2.Value(float=value)),
    _INTS: lambda key, value: value_pb2.DictEntry(key=key, value=value_pb2.Value(int=value)),
    _BOOLS: lambda key, value: value_pb2.DictEntry(key=key, value=value_pb2.Value(bool=value)),
    _SCALARS: _scalar_entry,
    _ARRAYS: _array_entry,
}

_forms: dict[tuple[Any, ...], _Form | None] = {}


def plain_info(info: dict[Any, Any]) -> PlainInfo | None:
    """None where an info holds anything but a few numbers and small arrays: that goes the longer way."""
    keys = tuple(info)
    values = list(info.values())
    signature = (keys, tuple(map(type, values)))
    try:
        form = _forms[signature]
    except KeyError:
        form = _form_of(*signature)
    except TypeError:
        # A key that is equal to others by code of its own.
        return None
    if form is None:
        return None
    for index in form.ints:
        if not -(2**63) <= values[index] < 2**63:
            return None
    if not form.arrays:
        return PlainInfo(form, values, ())
    for index in form.arrays:
        array = values[index]
        if array.nbytes > _MAX_ARRAY_BYTES or not travels_as_it_lies(array.dtype):
            return None
        values[index] = array.copy()
    return PlainInfo(form, values, tuple((values[index].dtype, values[index].shape) for index in form.arrays))


def _form_of(keys: tuple[Any, ...], types: tuple[type, ...]) -> _Form | None:
    if not all(type(key) is str for key in keys):
        # Neither remembered: True and 1 are one key to a dictionary.
        return None
    fits = 0 < len(keys) <= _MAX_KEYS and all(kind in _KINDS for kind in types) and all(map(_is_short_text, keys))
    form = _Form(keys, types) if fits else None
    # What is remembered is for ever: not the keys of an info that has thousands of them.
    if len(_forms) < _MAX_FORMS and len(keys) <= _MAX_KEYS and all(map(_is_short_text, keys)):
        _forms[keys, types] = form
    return form


def _is_short_text(key: str) -> bool:
    return len(key) <= _MAX_KEY_LENGTH and not any("\ud800" <= character <= "\udfff" for character in key)


def pack_infos(infos: Iterable[tuple[int, PlainInfo]], count: int) -> list[pb.PackedInfos]:
    """
    Ascending by environment index, and so are the first rows of what comes out.

    :param count: of the session's environments
    """
    groups: dict[tuple[Any, ...], tuple[list[int], list[PlainInfo]]] = {}
    for index, info in infos:
        indices, rows = groups.setdefault((info.form, info.shapes), ([], []))
        indices.append(index)
        rows.append(info)
    return [
        pb.PackedInfos(env_indices=[] if len(indices) == count else indices, columns=_columns_of(rows))
        for indices, rows in groups.values()
    ]


def encode_infos(
    infos: Iterable[tuple[int, PlainInfo | value_pb2.DictValue | None]], count: int, *, packs: bool
) -> tuple[list[pb.EnvInfo], list[pb.PackedInfos]]:
    """
    By environment index, ascending; empty ones are left out.

    :param count: of the session's environments
    :param packs: whether the client accepts packed ones
    """
    loose: list[pb.EnvInfo] = []
    plain: list[tuple[int, PlainInfo]] = []
    for index, info in infos:
        if info is None:
            continue
        if not isinstance(info, PlainInfo):
            if info.entries:
                loose.append(pb.EnvInfo(env_index=index, info=info))
        elif packs:
            plain.append((index, info))
        else:
            loose.append(pb.EnvInfo(env_index=index, info=value_pb2.DictValue(entries=info.entries())))
    return loose, pack_infos(plain, count) if plain else []


def _columns_of(rows: Sequence[PlainInfo]) -> list[pb.InfoColumn]:
    form = rows[0].form
    columns = zip(*(row.values for row in rows), strict=True)
    return [
        _COLUMNS[kind](key, encode_tensor(np.array(column, dtype)))
        for key, kind, dtype, column in zip(form.keys, form.kinds, form.dtypes, columns, strict=True)
    ]


_COLUMNS: Mapping[str, Callable[[str, value_pb2.Tensor], pb.InfoColumn]] = {
    _FLOATS: lambda key, rows: pb.InfoColumn(key=key, floats=rows),
    _INTS: lambda key, rows: pb.InfoColumn(key=key, ints=rows),
    _BOOLS: lambda key, rows: pb.InfoColumn(key=key, bools=rows),
    _SCALARS: lambda key, rows: pb.InfoColumn(key=key, scalars=rows),
    _ARRAYS: lambda key, rows: pb.InfoColumn(key=key, arrays=rows),
}


class InfoRows:
    """A PackedInfos, decoded by columns."""

    def __init__(self, wire: pb.PackedInfos, where: str, num_envs: int) -> None:
        """
        Raises GymwireError MALFORMED, also for columns of different lengths and keys that occur twice. Rows are counted
        before they are decoded: an array of shape [rows, 0] has as many as it likes in a few bytes.

        :param num_envs: of the session; no more rows are taken, and none of any other environment
        """
        check_indices(wire.env_indices, f"{where}: env_indices", num_envs)
        if len(wire.columns) == 0:
            raise GymwireError("MALFORMED", f"{where}: packed infos have at least one column")
        rows = len(wire.env_indices) or _count_rows(wire.columns[0], f"{where}.{wire.columns[0].key}", 1)
        if not 0 < rows <= num_envs:
            raise GymwireError("MALFORMED", f"{where}: expected rows of 1 to {num_envs} environments, got {rows}")
        self.columns = _decode_columns(wire.columns, where, rows, 1)
        self.indices: Sequence[int] = list(wire.env_indices) or range(rows)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Index and info of each environment."""
        return zip(self.indices, _rows_of(self.columns), strict=True)


class InfoColumn:
    """The values of one key: `kind` is the name of the wire's field, `rows` an array, a list or, of dicts, columns."""

    __slots__ = ("kind", "rows")

    def __init__(self, kind: str, rows: Any) -> None:
        self.kind = kind
        self.rows = rows

    def __iter__(self) -> Iterator[Any]:
        """The values as they went in."""
        if self.kind in _COLUMN_DTYPES:
            return iter(self.rows.tolist())
        if self.kind == _ARRAYS:
            # Of a one-dimensional column, arrays of shape (), not scalars.
            return (self.rows[index, ...].copy() for index in range(len(self.rows)))
        return _rows_of(self.rows) if self.kind == "dicts" else iter(self.rows)


def _rows_of(columns: Mapping[str, InfoColumn]) -> Iterator[dict[str, Any]]:
    return (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))


def check_indices(indices: Sequence[int], where: str, num_envs: int) -> None:
    """Raises GymwireError MALFORMED for any but those of environments of the session, ascending, each once."""
    # Their number first: what else could be wrong takes as long to find as there are.
    if len(indices) > num_envs:
        got = f"{len(indices)} of them"
    elif any(index >= after for index, after in pairwise(indices)):
        got = "some that are not"
    elif len(indices) > 0 and indices[-1] >= num_envs:
        got = str(indices[-1])
    else:
        return
    raise GymwireError("MALFORMED", f"{where}: expected indices of {num_envs} environments, ascending, got {got}")


def _count_rows(wire: pb.InfoColumn, where: str, depth: int) -> int:
    """As the message has it; nothing is decoded."""
    kind = wire.WhichOneof("rows")
    if kind is None or depth > _MAX_DEPTH:
        raise GymwireError("MALFORMED", f"{where}: expected rows, at most {_MAX_DEPTH} levels deep")
    if kind == "dicts":
        inner = wire.dicts.columns
        return _count_rows(inner[0], f"{where}.{inner[0].key}", depth + 1) if len(inner) > 0 else 0
    if kind == "values":
        return len(wire.values.values)
    shape = getattr(wire, kind).shape
    return int(shape[0]) if len(shape) > 0 else 0


def _decode_columns(wire: Iterable[pb.InfoColumn], where: str, count: int, depth: int) -> dict[str, InfoColumn]:
    columns: dict[str, InfoColumn] = {}
    for one in wire:
        if one.key in columns:
            raise GymwireError("MALFORMED", f"{where}: a key occurs twice")
        rows = _count_rows(one, f"{where}.{one.key}", depth)
        if rows != count:
            raise GymwireError("MALFORMED", f"{where}.{one.key}: expected {count} rows, got {rows}")
        columns[one.key] = _decode_column(one, f"{where}.{one.key}", count, depth)
    return columns


def _decode_column(wire: pb.InfoColumn, where: str, count: int, depth: int) -> InfoColumn:
    kind = str(wire.WhichOneof("rows"))
    if kind == "dicts":
        return InfoColumn(kind, _decode_columns(wire.dicts.columns, where, count, depth + 1))
    if kind == "values":
        values = [decode_value(value, f"{where}[{index}]", depth) for index, value in enumerate(wire.values.values)]
        return InfoColumn(kind, values)
    array = decode_tensor(getattr(wire, kind), where)
    expected = _COLUMN_DTYPES.get(kind, array.dtype)
    if array.dtype != expected or (array.ndim != 1 and kind != _ARRAYS):
        shape = ", ".join(map(str, array.shape))
        raise GymwireError("MALFORMED", f"{where}: {kind} are {expected.name} [rows], got {array.dtype.name} [{shape}]")
    return InfoColumn(kind, array)


def decode_own_infos(infos: Iterable[pb.EnvInfo], where: str, num_envs: int) -> dict[int, dict[str, Any]]:
    """Those that are not packed, by environment. Raises GymwireError MALFORMED, also for two of one environment."""
    found: dict[int, dict[str, Any]] = {}
    for one in infos:
        if one.env_index >= num_envs:
            raise GymwireError("MALFORMED", f"{where}: no environment {one.env_index} among {num_envs}")
        if one.env_index in found:
            raise _two_infos(where, one.env_index)
        found[one.env_index] = decode_entries(one.info.entries, where)
    return found


def decode_infos(
    infos: Iterable[pb.EnvInfo],
    packed: Iterable[pb.PackedInfos],
    where: str,
    num_envs: int,
    among: Collection[int] | None = None,
) -> dict[int, Any]:
    """
    The infos of a reply by environment index, ascending. Raises GymwireError MALFORMED.

    :param num_envs: of the session
    :param among: the environments that may have one; None: all
    """
    found: dict[int, Any] = decode_own_infos(infos, where, num_envs)
    for wire in packed:
        for index, info in InfoRows(wire, where, num_envs):
            if index in found:
                raise _two_infos(where, index)
            found[index] = info
    if among is not None and (others := found.keys() - set(among)):
        raise GymwireError("MALFORMED", f"{where}: environment {min(others)} has one, and ended no episode")
    return dict(sorted(found.items()))


def _two_infos(where: str, index: int) -> GymwireError:
    return GymwireError("MALFORMED", f"{where}: environment {index} has two infos")

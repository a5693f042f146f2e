"""Infos of a session's environments → those of Gymnasium's vector environments: an array a key, and a mask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gymwire.codec.packed_infos import InfoColumn, InfoRows, decode_own_infos
from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb

#: Gymnasium's own: adds the info of one environment to those of all.
AddInfo = Callable[[dict[str, Any], dict[str, Any], int], dict[str, Any]]

#: Kinds of columns of all environments that Gymnasium has been seen to make the same array of: taken as they are.
_KEPT: set[tuple[Any, ...]] = set()
_MOST_KEPT = 1024

_FINAL_KEYS = frozenset({"final_obs", "final_info"})


def gather_infos(
    loose: Iterable[pb.EnvInfo],
    packed: Iterable[pb.PackedInfos],
    finals: Mapping[int, dict[str, Any]],
    add_info: AddInfo,
    num_envs: int,
) -> dict[str, Any]:
    """
    What adding them one after the other comes to. Arrays are made by Gymnasium, of the first that has the key, and
    filled at once where that is the same.

    Raises GymwireError MALFORMED.

    :param finals: by environment: what comes before its own info
    :param num_envs: of the session
    """
    groups = [InfoRows(wire, "info", num_envs) for wire in packed]
    own = decode_own_infos(loose, "info", num_envs)
    _check_distinct(groups, own)
    if any(not _FINAL_KEYS.isdisjoint(group.columns) for group in groups):
        own.update(pair for group in groups for pair in group)
        groups = []
    # Those that come first decide on the keys' order and dtypes.
    steps: list[tuple[int, int, Any]] = [
        *((index, 0, final) for index, final in finals.items()),
        *((index, 1, info) for index, info in own.items()),
        *((group.indices[0], 1, group) for group in groups),
    ]
    infos: dict[str, Any] = {}
    for index, _, info in sorted(steps, key=lambda step: step[:2]):
        if isinstance(info, InfoRows):
            infos = _add_columns(infos, info.columns, info.indices, add_info, num_envs)
        else:
            infos = add_info(infos, info, index)
    return infos


def _check_distinct(groups: list[InfoRows], own: Mapping[int, Any]) -> None:
    if len(groups) + len(own) < 2:
        return
    count = len(own) + sum(len(group.indices) for group in groups)
    if len(own.keys() | {index for group in groups for index in group.indices}) < count:
        raise GymwireError("MALFORMED", "info: an environment has two infos")


def _add_columns(
    infos: dict[str, Any], columns: Mapping[str, InfoColumn], rows: Sequence[int], add_info: AddInfo, num_envs: int
) -> dict[str, Any]:
    first = rows[0]
    indices = slice(first, first + len(rows)) if isinstance(rows, range) else rows
    is_whole = len(rows) == num_envs
    for key, column in columns.items():
        kind = _kind_of(column, add_info) if is_whole and key not in infos and f"_{key}" not in infos else None
        if kind in _KEPT:
            infos[key], infos[f"_{key}"] = column.rows, np.ones(num_envs, np.bool_)
            continue
        if isinstance(column.rows, Mapping) and isinstance(infos.get(key, {}), dict):
            infos = add_info(infos, {key: {}}, first)
            infos[key] = _add_columns(infos[key], column.rows, rows, add_info, num_envs)
            infos[f"_{key}"][indices] = True
            continue
        if isinstance(column.rows, np.ndarray):
            infos = add_info(infos, {key: next(iter(column))}, first)
            if _fits(infos[key], column):
                infos[key][indices] = column.rows
                infos[f"_{key}"][indices] = True
                if kind is not None and len(_KEPT) < _MOST_KEPT:
                    _KEPT.add(kind)
                continue
        for index, value in zip(rows, column, strict=True):
            infos = add_info(infos, {key: value}, index)
    return infos


def _kind_of(column: InfoColumn, add_info: AddInfo) -> tuple[Any, ...] | None:
    """What decides which array Gymnasium makes of a column."""
    rows = column.rows
    if not isinstance(rows, np.ndarray):
        return None
    return column.kind, rows.dtype, rows.shape, getattr(add_info, "__func__", add_info)


def _fits(array: Any, column: InfoColumn) -> bool:
    """Whether assigning all rows at once is the same as one after the other: NumPy casts what Python refuses."""
    rows = column.rows
    return isinstance(array, np.ndarray) and array.dtype == rows.dtype and array.shape[1:] == rows.shape[1:]

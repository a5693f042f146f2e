"""Infos of a batch that are arrays through and through, as columns: no dictionary for each environment in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gymwire.codec.values import encode_tensor, travels_as_it_lies
from gymwire.session.batch_infos import column_of, is_mask, mask_of
from gymwire.v1 import env_service_pb2 as pb

#: Dictionaries in dictionaries; those that nest deeper go the longer way.
_MAX_DEPTH = 8
_MAX_KEYS = 256
_MAX_KEY_LENGTH = 100

#: Where it lies, its rows, and which environments have it; None: all.
_Leaf = tuple[tuple[str, ...], "np.ndarray[Any, Any]", Any]


def packed(infos: Mapping[Any, Any], indices: Sequence[int], count: int) -> list[pb.PackedInfos] | None:
    """
    What `spread` says of the environments that `indices` names, ascending. None where something in it is no array of
    the wire's: that is encoded one by one.

    :param count: of environments in the batch
    """
    leaves = list(_leaves(infos, count, (), None))
    if any(leaf is None for leaf in leaves) or len(leaves) > _MAX_KEYS:
        return None
    found: list[_Leaf] = [leaf for leaf in leaves if leaf is not None]
    if len(indices) == count and all(mask is None for _, _, mask in found):
        # All that everybody has, as it lies.
        return [pb.PackedInfos(columns=_columns([(path, array) for path, array, _ in found]))] if found else []
    rows = np.asarray(indices)
    groups = []
    for names, at in _groups(found, rows):
        own = [(path, array[rows[at]]) for path, array, _ in (found[name] for name in names)]
        if own:
            is_all = len(at) == count
            groups.append(pb.PackedInfos(env_indices=[] if is_all else rows[at].tolist(), columns=_columns(own)))
    return groups


def _leaves(infos: Mapping[Any, Any], count: int, path: tuple[str, ...], mask: Any) -> Iterator[_Leaf | None]:
    for key, value in infos.items():
        if is_mask(infos, key, count):
            continue
        own = column_of(value, count)
        given = mask_of(infos, key, count)
        both = given if mask is None else mask if given is None else given & mask
        if type(key) is not str or len(key) > _MAX_KEY_LENGTH or len(path) > _MAX_DEPTH or not key.isprintable():
            yield None
        elif isinstance(own, Mapping) and own:
            yield from _leaves(own, count, (*path, key), both)
        elif isinstance(own, np.ndarray) and travels_as_it_lies(own.dtype):
            yield (*path, key), own, both
        else:
            yield None


def _groups(leaves: Sequence[_Leaf], rows: np.ndarray[Any, Any]) -> list[tuple[list[int], np.ndarray[Any, Any]]]:
    """Environments that have the same keys: which leaves, and where among the rows. By the first row of each."""
    if all(mask is None for _, _, mask in leaves):
        return [(list(range(len(leaves))), np.arange(len(rows)))]
    has = np.array([np.ones(len(rows), np.bool_) if mask is None else mask[rows] for _, _, mask in leaves])
    groups: dict[bytes, list[int]] = {}
    for at, column in enumerate(np.ascontiguousarray(has.T)):
        groups.setdefault(column.tobytes(), []).append(at)
    return [(np.flatnonzero(has[:, at[0]]).tolist(), np.array(at)) for at in groups.values()]


def _columns(leaves: Sequence[tuple[tuple[str, ...], np.ndarray[Any, Any]]]) -> list[pb.InfoColumn]:
    """In the order of the keys; those below one key lie together."""
    by_key: dict[str, list[tuple[tuple[str, ...], np.ndarray[Any, Any]]]] = {}
    for path, rows in leaves:
        by_key.setdefault(path[0], []).append((path[1:], rows))
    columns = []
    for key, own in by_key.items():
        if own[0][0]:
            columns.append(pb.InfoColumn(key=key, dicts=pb.InfoColumns(columns=_columns(own))))
        elif own[0][1].ndim == 1:
            columns.append(pb.InfoColumn(key=key, scalars=encode_tensor(own[0][1])))
        else:
            columns.append(pb.InfoColumn(key=key, arrays=encode_tensor(own[0][1])))
    return columns

"""
Infos of a batch, `{key: array, "_key": mask}` as Gymnasium's vector environments have them ⇄ one dictionary an
environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.session.batch import stack
from gymwire.session.host_arrays import on_host

#: Gymnasium's, and its own of before version 1.
FINAL_OBSERVATIONS = ("final_obs", "final_observation")
FINAL_INFOS = ("final_info",)
_FINALS = {*FINAL_OBSERVATIONS, *FINAL_INFOS}


def spread(infos: Mapping[Any, Any], indices: Sequence[int], count: int) -> list[dict[Any, Any]]:
    """
    One dictionary for each of `indices`. A value that has not one entry an environment is each one's.

    :param count: of environments in the batch
    """
    spread_out: list[dict[Any, Any]] = [{} for _ in indices]
    for key, value in infos.items():
        if is_mask(infos, key, count):
            continue
        own = column_of(value, count)
        mask = mask_of(infos, key, count)
        if isinstance(own, Mapping):
            parts = spread(own, indices, count)
            for row, (index, part) in enumerate(zip(indices, parts, strict=True)):
                # A dictionary that others have something in, and this one not, is none of its own.
                if mask[index] if mask is not None else part or not own:
                    spread_out[row][key] = part
            continue
        has_rows = own is not None
        for row, index in enumerate(indices):
            if mask is None or mask[index]:
                spread_out[row][key] = own[index] if has_rows else value
    return spread_out


def without_finals(infos: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: one for key, one in infos.items() if key not in _FINALS and str(key).removeprefix("_") not in _FINALS}


def final_infos(infos: Mapping[Any, Any], count: int) -> Any:
    """
    The last infos of episodes that ended, of the batch or in a list of one each; None where the simulator gives none.
    """
    value = next((infos[name] for name in FINAL_INFOS if name in infos), None)
    own = column_of(value, count)
    if own is None or isinstance(own, Mapping):
        return own
    return [row if isinstance(row, Mapping) else {} for row in own]


def final_observations(space: Space, infos: Mapping[Any, Any], indices: Sequence[int], count: int) -> Any:
    """A batch of rows, one for each of `indices`; None where one of them is missing."""
    name = next((name for name in FINAL_OBSERVATIONS if name in infos), None)
    if name is None:
        return None
    mask = mask_of(infos, name, count)
    if mask is not None and not all(mask[index] for index in indices):
        return None
    return _rows(space, infos[name], np.asarray(indices))


def _rows(space: Space, value: Any, indices: Any) -> Any:
    """Of a batch, or of an array of single observations."""
    if isinstance(space, spaces.Dict) and isinstance(value, Mapping):
        if not space.spaces.keys() <= value.keys():
            return None
        return {key: _rows(inner, value[key], indices) for key, inner in space.spaces.items()}
    own = on_host(value)
    if isinstance(own, np.ndarray) and own.dtype.kind != "O":
        return own[indices]
    if isinstance(space, spaces.Tuple) and isinstance(own, tuple) and len(own) == len(space.spaces):
        return tuple(_rows(inner, part, indices) for inner, part in zip(space.spaces, own, strict=True))
    if not isinstance(own, (np.ndarray, list, tuple)):
        return None
    single = [own[index] for index in indices]
    return None if any(one is None for one in single) else stack(space, [_host_member(space, one) for one in single])


def _host_member(space: Space, one: Any) -> Any:
    if isinstance(space, spaces.Dict):
        return {key: _host_member(inner, one[key]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_host_member(inner, part) for inner, part in zip(space.spaces, one, strict=True))
    return on_host(one)


def column_of(value: Any, count: int) -> Any:
    """What has one entry an environment, or a dictionary; None: anything else."""
    own = on_host(value)
    if isinstance(own, Mapping):
        return own
    is_list = isinstance(own, (list, tuple)) and len(own) == count
    return own if is_list or (isinstance(own, np.ndarray) and own.shape[:1] == (count,)) else None


def is_mask(infos: Mapping[Any, Any], key: Any, count: int) -> bool:
    """Whether it says which environments another key is of."""
    return isinstance(key, str) and key.startswith("_") and key[1:] in infos and _flags(infos[key], count) is not None


def mask_of(infos: Mapping[Any, Any], key: Any, count: int) -> Any:
    """Which environments have the key; None: all."""
    return _flags(infos.get(f"_{key}"), count) if isinstance(key, str) else None


def _flags(value: Any, count: int) -> Any:
    own = on_host(value)
    return own if isinstance(own, np.ndarray) and own.dtype.kind == "b" and own.shape == (count,) else None

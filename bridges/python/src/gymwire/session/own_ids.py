"""Ids that the operator's script registered with Gymnasium, for the new processes, which do not run that script."""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import cloudpickle
from gymnasium.envs.registration import EnvSpec, load_env_creator, registry

if TYPE_CHECKING:
    from gymnasium.envs.registration import EnvCreator

_SCRIPT = "__main__:"
# Every process has these.
_EVERYBODYS = ("gymnasium.", "gymwire.")


def own_ids() -> list[bytes]:
    """Those that can travel, each pickled by itself."""
    found = []
    for spec in list(registry.values()):
        if isinstance(spec.entry_point, str) and spec.entry_point.startswith(_EVERYBODYS):
            continue
        with contextlib.suppress(Exception):
            found.append(cloudpickle.dumps(portable(spec)))
    return found


def portable(spec: EnvSpec) -> EnvSpec:
    """
    A copy that another process can make: what is named by the script itself is replaced by what it names.

    Raises ValueError for a wrapper of the script's, which Gymnasium names only.
    """
    one = copy.deepcopy(spec)
    if isinstance(one.entry_point, str) and one.entry_point.startswith(_SCRIPT):
        one.entry_point = cast("EnvCreator", load_env_creator(one.entry_point))
    for wrapper in one.additional_wrappers:
        if wrapper.entry_point.startswith(_SCRIPT):
            raise ValueError(f"its wrapper {wrapper.name} is in the script that serves: move it into a module")
    return one


def register_ids(ids: Iterable[bytes]) -> None:
    """In the new process. What cannot be loaded there is unknown there, as Gymnasium will say when it is asked for."""
    for pickled in ids:
        with contextlib.suppress(Exception):
            spec = pickle.loads(pickled)
            registry.setdefault(spec.id, spec)

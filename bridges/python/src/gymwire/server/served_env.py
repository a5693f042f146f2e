"""What operators write on the command line → what is served: `[ID=][module:]name`."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PureWindowsPath
from typing import Any

import gymnasium

from gymwire.errors import GymwireError, describe_exception
from gymwire.server.batch_registration import VectorEnvRegistration, gymnasium_vector_registration
from gymwire.server.env_registration import EnvRegistration, check_kwargs, gymnasium_registration, registration_of


@dataclass
class Target:
    """`name` is a Gymnasium id, or a class or function of the module; `kwargs` are the operator's, not the clients'."""

    text: str
    env_id: str | None = None
    kwargs: dict[str, Any] = field(default_factory=dict)
    #: It steps many environments at once (`--vector`).
    is_batch: bool = False
    #: What the operator says of it, by the fields of VectorEnvRegistration.
    batch: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        env_id, equals, rest = self.text.partition("=")
        if equals:
            self.env_id, self.text = env_id, rest


def registration_for(target: Target) -> tuple[str, EnvRegistration]:
    """Raises GymwireError UNKNOWN_ENV with the reason, INVALID_ARGUMENT where an id is missing or a file is named."""
    module_name, _, name = target.text.rpartition(":")
    _refuse_path(target.text, module_name, name)
    module = _import(target.text, module_name)
    if module is None or _is_gymnasiums(name):
        register = gymnasium_vector_registration if target.is_batch else gymnasium_registration
        env_id, registration = register(target.text, kwargs=target.kwargs)
        return target.env_id or env_id, replace(registration, **target.batch)
    try:
        make = functools.reduce(getattr, name.split("."), module)
    except AttributeError:
        raise GymwireError(
            "UNKNOWN_ENV",
            f"{target.text}: Gymnasium knows no id {name!r} after importing {module_name}, and the module has no such "
            "class or function",
        ) from None
    if target.env_id is None:
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"{target.text}: say under which id it is served: --id {_id_for(name)}, or {_id_for(name)}={target.text}",
        )
    registration = _batch_registration(make) if target.is_batch else registration_of(make)
    return target.env_id, replace(with_kwargs(target.text, registration, target.kwargs), **target.batch)


def _batch_registration(make: Any) -> VectorEnvRegistration:
    """What a class tells of itself, as of single environments."""
    if isinstance(make, VectorEnvRegistration):
        return make
    known = registration_of(make)
    return VectorEnvRegistration(
        known.make, description=known.description, render_modes=known.render_modes, render_fps=known.render_fps
    )


def with_kwargs(env_id: str, registration: EnvRegistration, kwargs: Mapping[str, Any]) -> EnvRegistration:
    """Whose factory is always called with them, and whose clients cannot set them."""
    if not kwargs:
        return registration
    check_kwargs(env_id, registration.make, kwargs)
    return replace(registration, make=functools.partial(registration.make, **kwargs), fixed=frozenset(kwargs))


def _import(text: str, module_name: str) -> Any:
    if not module_name:
        return None
    try:
        return importlib.import_module(module_name)
    except Exception as thrown:
        raise GymwireError("UNKNOWN_ENV", f"{text}: {describe_exception(thrown)}") from thrown


def _refuse_path(text: str, module_name: str, name: str) -> None:
    """Raises GymwireError INVALID_ARGUMENT for a file in the place of a module: tank.py, ./tank.py:TankEnv."""
    path = name if name.endswith(".py") else module_name
    if not path.endswith(".py") and not path.startswith((".", "/", "~")):
        return
    file = PureWindowsPath(path)
    module, made = file.stem, "TankEnv" if path is name else name
    where = "" if str(file) == file.name else f", in the folder of {file.name} or with it in PYTHONPATH"
    raise GymwireError(
        "INVALID_ARGUMENT",
        f"{text}: expected a module, got a path: say {module}:{made} --id {_id_for(made)}{where}",
    )


def _id_for(name: str) -> str:
    """That a class or function may be served under: Tank-v0 for TankEnv."""
    own = name.rpartition(".")[2].removesuffix("Env")
    return f"{own}-v0" if own[:1].isupper() else "Arm-v0"


def _is_gymnasiums(name: str) -> bool:
    try:
        gymnasium.spec(name)
    except gymnasium.error.Error:
        return False
    return True

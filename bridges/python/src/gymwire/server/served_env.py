"""What operators write on the command line → what is served: `[ID=][module:]name`."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    """Raises GymwireError UNKNOWN_ENV with the reason, INVALID_ARGUMENT where an id is missing."""
    module_name, _, name = target.text.rpartition(":")
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
            "INVALID_ARGUMENT", f"{target.text}: say under which id it is served: --id Arm-v0, or Arm-v0={target.text}"
        )
    registration = _batch_registration(make) if target.is_batch else registration_of(make)
    return target.env_id, replace(with_kwargs(registration, target.kwargs), **target.batch)


def _batch_registration(make: Any) -> VectorEnvRegistration:
    """What a class tells of itself, as of single environments."""
    if isinstance(make, VectorEnvRegistration):
        return make
    known = registration_of(make)
    return VectorEnvRegistration(
        known.make, description=known.description, render_modes=known.render_modes, render_fps=known.render_fps
    )


def with_kwargs(registration: EnvRegistration, kwargs: Mapping[str, Any]) -> EnvRegistration:
    """Whose factory is always called with them, and whose clients cannot set them."""
    if not kwargs:
        return registration
    check_kwargs(registration.make, kwargs)
    return replace(registration, make=functools.partial(registration.make, **kwargs), fixed=frozenset(kwargs))


def _import(text: str, module_name: str) -> Any:
    if not module_name:
        return None
    try:
        return importlib.import_module(module_name)
    except Exception as thrown:
        raise GymwireError("UNKNOWN_ENV", f"{text}: {describe_exception(thrown)}") from thrown


def _is_gymnasiums(name: str) -> bool:
    try:
        gymnasium.spec(name)
    except gymnasium.error.Error:
        return False
    return True

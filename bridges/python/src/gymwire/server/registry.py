"""Which environments a server can make, and from what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cloudpickle

from gymwire.errors import GymwireError, describe_exception
from gymwire.names import nearest_name
from gymwire.server.arguments import ArgumentSpec, arguments_of, encode_argument
from gymwire.server.batch_registration import VectorEnvRegistration, learnt
from gymwire.server.env_registration import EnvRegistration
from gymwire.server.options import MAX_WORKERS
from gymwire.session.listed_members import Recipe, listed_members
from gymwire.session.looks_like_batch import looks_like_batch
from gymwire.session.own_ids import own_ids
from gymwire.v1 import env_service_pb2 as pb

# With a namespace and a version, or without, as Gymnasium has them.
_ID = re.compile(r"(?:[\w:-]+/)?[\w.:-]+")


@dataclass(frozen=True)
class ServedEnv:
    """A registration with everything found out."""

    id: str
    registration: EnvRegistration
    arguments: Sequence[ArgumentSpec]
    #: Pickled, to be sent to the processes.
    factory: bytes
    #: None until an environment was made that told.
    render_modes: Sequence[str] | None
    #: Of a batch simulator: what is known of it, from its operator and from those that were made.
    batch: pb.BatchSpec | None

    def encode_spec(self, given: Mapping[str, Any]) -> pb.EnvSpec:
        registration = self.registration
        return pb.EnvSpec(
            id=self.id,
            arguments=[encode_argument(argument, given) for argument in self.arguments],
            max_episode_steps=registration.max_episode_steps,
            reward_threshold=registration.reward_threshold,
            nondeterministic=registration.nondeterministic,
            render_modes=self.render_modes or (),
            render_fps=registration.render_fps,
            description=registration.description,
            methods=registration.methods,
            attributes=registration.attributes,
            batch=self.batch,
        )


class EnvRegistry:
    def __init__(self) -> None:
        self._envs: dict[str, ServedEnv] = {}
        self._listed: bytes | None = None
        self._own_ids: list[bytes] | None = None

    def add(self, env_id: str, registration: EnvRegistration) -> None:
        """Raises GymwireError INVALID_ARGUMENT when the id is taken or malformed, or the factory cannot travel."""
        if not _ID.fullmatch(env_id):
            raise GymwireError("INVALID_ARGUMENT", f"env id: expected a name such as Arm-v0 or my/Arm, got {env_id!r}")
        if env_id in self._envs:
            raise GymwireError("INVALID_ARGUMENT", f"env id {env_id} is registered already")
        members = listed_members(env_id, registration.methods, registration.attributes)
        _check_factory(env_id, registration)
        if registration.workers is not None and not 1 <= registration.workers <= MAX_WORKERS:
            raise GymwireError(
                "INVALID_ARGUMENT", f"{env_id}: workers: expected 1 to {MAX_WORKERS}, got {registration.workers!r}"
            )
        batch = registration if isinstance(registration, VectorEnvRegistration) else None
        arguments = registration.arguments
        if arguments is None:
            arguments = arguments_of(registration.make, {}) if batch is None else batch.declared_arguments()
        arguments = tuple(argument for argument in arguments if argument.name not in registration.fixed)
        try:
            recipe = Recipe(registration.make, members) if batch is None else batch.recipe(members)
            factory = cloudpickle.dumps(recipe)
        except Exception as thrown:
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"the factory of {env_id} cannot be sent to a process of its own ({describe_exception(thrown)}): "
                "make what it holds (locks, sockets, open files) inside of it",
            ) from thrown
        modes, spec = registration.render_modes, None if batch is None else batch.batch_spec()
        self._envs[env_id] = ServedEnv(env_id, registration, arguments, factory, modes, spec)

    def find(self, env_id: str) -> ServedEnv:
        """Raises GymwireError UNKNOWN_ENV, naming what is served. An id never leads to an import: no "module:Env"."""
        env = self._envs.get(env_id)
        if env is None:
            served = ", ".join(self._envs) or "nothing"
            nearest = nearest_name(env_id, self._envs)
            meant = "" if nearest is None else f"; did you mean {nearest}?"
            raise GymwireError("UNKNOWN_ENV", f'no environment "{env_id}" here; served: {served}{meant}')
        return env

    def ids(self) -> list[str]:
        return list(self._envs)

    def list(self) -> bytes:
        """A ListEnvsResponse."""
        if self._listed is None:
            envs = [env.encode_spec({}) for env in self._envs.values()]
            self._listed = pb.ListEnvsResponse(envs=envs).SerializeToString()
        return self._listed

    def learn(self, env: ServedEnv, made: pb.EnvSpec) -> ServedEnv:
        """
        What an environment told when it was made, where the registration does not say it. One that was made without a
        render mode may know of none: that it told nothing says nothing of the next one.
        """
        now = env
        if env.render_modes is None and made.render_modes:
            now = replace(now, render_modes=tuple(made.render_modes))
        if env.batch is not None and isinstance(env.registration, VectorEnvRegistration):
            batch = learnt(env.batch, env.registration, made.batch)
            now = now if batch == env.batch else replace(now, batch=batch)
        if now is not env:
            self._envs[env.id], self._listed = now, None
        return now

    @property
    def own_ids(self) -> Sequence[bytes]:
        """Of Gymnasium's registry: what factories may ask it for in their processes."""
        if self._own_ids is None:
            self._own_ids = own_ids()
        return self._own_ids


def _check_factory(env_id: str, registration: EnvRegistration) -> None:
    """
    Raises GymwireError INVALID_ARGUMENT for an environment in the place of what makes one, and for one of another kind.
    """
    make: Any = registration.make
    is_batch = looks_like_batch(make)
    if is_batch and not isinstance(registration, VectorEnvRegistration):
        name = make.__name__ if isinstance(make, type) else type(make).__name__
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"{env_id}: {name} steps many environments at once: register it with "
            f"gymwire.VectorEnvRegistration(make), where "
            "make returns one, or serve it with --vector",
        )
    is_instance = not isinstance(make, type) and hasattr(make, "reset") and hasattr(make, "step")
    if callable(make) and not is_instance:
        return
    name = type(make).__name__
    remedy = f"the class {name}, or lambda: {name}(…)" if is_instance else "a class, a function or a lambda"
    raise GymwireError(
        "INVALID_ARGUMENT",
        f"{env_id}: expected what makes an environment, in a process of its own and for each session anew, got an "
        f"instance of {name}: give {remedy}",
    )

"""Which environments a server can make, and from what."""

from __future__ import annotations

import copy
import importlib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cloudpickle
import gymnasium
from gymnasium.envs.registration import EnvSpec, load_env_creator

from gymwire.errors import GymwireError, describe_exception
from gymwire.server.arguments import ArgumentSpec, arguments_of, encode_argument, signature_of
from gymwire.server.options import MAX_WORKERS
from gymwire.session.listed_members import Recipe, listed_members
from gymwire.session.own_ids import own_ids, portable
from gymwire.session.render_mode import RGB_ARRAY, takes_render_mode
from gymwire.v1 import env_service_pb2 as pb

# With a namespace and a version, or without, as Gymnasium has them.
_ID = re.compile(r"(?:[\w:-]+/)?[\w.:-]+")

#: An environment's class, or anything else that makes one when it is called with keyword arguments.
EnvFactory = Callable[..., Any]


@dataclass(frozen=True)
class EnvRegistration:
    """One environment that can be made. `make` is called in a new process, once for each copy of a session."""

    make: EnvFactory
    #: The keyword arguments that clients may set; nothing else is accepted. None: what the signature of `make` says.
    arguments: Sequence[ArgumentSpec] | None = None
    max_episode_steps: int | None = None
    reward_threshold: float | None = None
    #: The same seed and actions may give different episodes (a real robot).
    nondeterministic: bool = False
    #: ("rgb_array",) where the environment draws; `make` is given the mode if it takes a `render_mode`. None: found out
    #: when a session asks for it.
    render_modes: Sequence[str] | None = None
    render_fps: float | None = None
    description: str = ""
    #: Instead of the server's, for an environment whose resets take minutes or a person.
    reset_timeout_ms: int | None = None
    #: Of the first step of a session, which may compile.
    first_step_timeout_ms: int | None = None
    step_timeout_ms: int | None = None
    #: What clients may call and read beyond Gymnasium's own, for instance ("compute_reward",), which HER needs. In the
    #: simulator's process, between steps, within the time of one. Nothing else is called or read.
    methods: Sequence[str] = ()
    attributes: Sequence[str] = ()
    #: Arguments that the operator has set, which clients therefore cannot.
    fixed: frozenset[str] = frozenset()
    #: Instead of the server's: observations of another dtype than their space's are cast, also where digits are lost.
    #: For simulators that declare float32 and return float64.
    cast_observations: bool | None = None
    #: Instead of the server's: processes that the environments of a vector session are spread over, each of which steps
    #: its share one after the other.
    workers: int | None = None


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
        _check_factory(env_id, registration.make)
        if registration.workers is not None and not 1 <= registration.workers <= MAX_WORKERS:
            raise GymwireError(
                "INVALID_ARGUMENT", f"{env_id}: workers: expected 1 to {MAX_WORKERS}, got {registration.workers!r}"
            )
        arguments = registration.arguments
        if arguments is None:
            arguments = arguments_of(registration.make, {})
        arguments = tuple(argument for argument in arguments if argument.name not in registration.fixed)
        try:
            factory = cloudpickle.dumps(Recipe(registration.make, members))
        except Exception as thrown:
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"the factory of {env_id} cannot be sent to a process of its own ({describe_exception(thrown)}): "
                "make what it holds (locks, sockets, open files) inside of it",
            ) from thrown
        self._envs[env_id] = ServedEnv(env_id, registration, arguments, factory, registration.render_modes)

    def find(self, env_id: str) -> ServedEnv:
        """Raises GymwireError UNKNOWN_ENV, naming what is served. An id never leads to an import: no "module:Env"."""
        env = self._envs.get(env_id)
        if env is None:
            served = ", ".join(self._envs) or "nothing"
            raise GymwireError("UNKNOWN_ENV", f'no environment "{env_id}" here; served: {served}')
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
        if env.render_modes is not None or not made.render_modes:
            return env
        env = replace(env, render_modes=tuple(made.render_modes))
        self._envs[env.id], self._listed = env, None
        return env

    @property
    def own_ids(self) -> Sequence[bytes]:
        """Of Gymnasium's registry: what factories may ask it for in their processes."""
        if self._own_ids is None:
            self._own_ids = own_ids()
        return self._own_ids


@dataclass(frozen=True)
class _MakeGymnasiumEnv:
    spec: EnvSpec
    kwargs: Mapping[str, Any]

    def __call__(self, **arguments: Any) -> Any:
        creator = _creator_of(self.spec)
        if "render_mode" in arguments and not takes_render_mode(creator):
            del arguments["render_mode"]
        # Wrapped as gymnasium.make does it, but for the time limit: that is the session's.
        return gymnasium.make(self.spec, disable_env_checker=True, **self.kwargs, **arguments)


def gymnasium_registration(
    env_id: str, arguments: Sequence[ArgumentSpec] | None = None, kwargs: Mapping[str, Any] | None = None
) -> tuple[str, EnvRegistration]:
    """
    The id and the registration of what `gymnasium.make(env_id, **kwargs)` makes. "module:Env-v0" imports the module
    first, and is served as "Env-v0".

    Raises GymwireError UNKNOWN_ENV with Gymnasium's own message.
    """
    kwargs = dict(kwargs or {})
    try:
        spec = _load(env_id)
        creator = _creator_of(spec)
    except Exception as thrown:
        raise GymwireError("UNKNOWN_ENV", f"{env_id}: {describe_exception(thrown)}") from thrown
    check_kwargs(creator, kwargs)
    if arguments is None:
        arguments = arguments_of(creator, {**spec.kwargs, **kwargs})
    limitless = copy.deepcopy(spec)
    limitless.max_episode_steps = None
    registration = EnvRegistration(
        make=_MakeGymnasiumEnv(limitless, kwargs),
        arguments=arguments,
        max_episode_steps=spec.max_episode_steps,
        reward_threshold=spec.reward_threshold,
        nondeterministic=spec.nondeterministic,
        fixed=frozenset(kwargs),
        **_rendering(getattr(creator, "metadata", None)),
    )
    return spec.id, registration


def gymnasium_env(
    env_id: str,
    arguments: Sequence[ArgumentSpec] | None = None,
    *,
    methods: Sequence[str] = (),
    attributes: Sequence[str] = (),
) -> EnvRegistration:
    """
    What `gymnasium.make(env_id)` makes, with other arguments than its signature lists, `()` for none at all, or with
    methods and attributes that clients may use.

    :raises GymwireError: UNKNOWN_ENV with Gymnasium's own message
    """
    registration = gymnasium_registration(env_id, arguments)[1]
    return replace(registration, methods=methods, attributes=attributes)


def _load(env_id: str) -> EnvSpec:
    module, _, name = env_id.rpartition(":")
    if module:
        importlib.import_module(module)
    spec = gymnasium.spec(name)
    if spec.entry_point is None:
        raise ValueError("it has no entry point")
    return portable(spec)


def _creator_of(spec: EnvSpec) -> EnvFactory:
    return spec.entry_point if callable(spec.entry_point) else load_env_creator(str(spec.entry_point))


def check_kwargs(make: EnvFactory, kwargs: Mapping[str, Any]) -> None:
    """Raises GymwireError INVALID_ARGUMENT for a name that the factory does not take."""
    try:
        inspect.signature(make).bind_partial(**kwargs)
    except ValueError:
        return  # It has no signature.
    except TypeError as error:
        raise GymwireError("INVALID_ARGUMENT", f"keyword arguments {', '.join(kwargs)}: {error}") from error


def _check_factory(env_id: str, make: Any) -> None:
    """Raises GymwireError INVALID_ARGUMENT for an environment in the place of what makes one."""
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


def registration_of(make: EnvFactory | EnvRegistration) -> EnvRegistration:
    """What a class tells of itself, as Gymnasium's do; a function tells its arguments only."""
    if isinstance(make, EnvRegistration):
        return make
    takes_mode = any(parameter.name == "render_mode" for parameter in signature_of(make))
    rendering = _rendering(getattr(make, "metadata", None)) if takes_mode else {}
    text = (make.__doc__ or "").strip() if isinstance(make, type) else ""
    return EnvRegistration(make, description=text.split("\n", 1)[0], **rendering)


def _rendering(metadata: Any) -> dict[str, Any]:
    if not isinstance(metadata, Mapping) or RGB_ARRAY not in (metadata.get("render_modes") or ()):
        return {}
    fps = metadata.get("render_fps")
    return {"render_modes": (RGB_ARRAY,), "render_fps": None if fps is None else float(fps)}

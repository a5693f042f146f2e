"""One environment that can be made, as its operator registers it: by hand, by a class, or by Gymnasium's id."""

from __future__ import annotations

import copy
import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, load_env_creator

from gymwire.errors import GymwireError, describe_exception
from gymwire.server.arguments import ArgumentSpec, arguments_of, signature_of
from gymwire.session.own_ids import portable
from gymwire.session.render_mode import RGB_ARRAY, takes_render_mode

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
class _MakeGymnasiumEnv:
    spec: EnvSpec
    kwargs: Mapping[str, Any]

    def __call__(self, **arguments: Any) -> Any:
        creator = creator_of(self.spec)
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

    Raises GymwireError UNKNOWN_ENV with Gymnasium's own message, ENV_FAILED where a package is missing.
    """
    kwargs = dict(kwargs or {})
    try:
        spec = load_spec(env_id)
        creator = creator_of(spec)
    except Exception as thrown:
        raise no_env(env_id, thrown) from thrown
    check_kwargs(env_id, creator, kwargs)
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
        **rendering(getattr(creator, "metadata", None)),
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


def load_spec(env_id: str) -> EnvSpec:
    """Imports the module that an id names, if any. Raises what that raises, and Gymnasium's own errors."""
    module, _, name = env_id.rpartition(":")
    if module:
        importlib.import_module(module)
    spec = gymnasium.spec(name)
    if spec.entry_point is None and spec.vector_entry_point is None:
        raise ValueError("it has no entry point")
    return portable(spec)


def creator_of(spec: EnvSpec) -> EnvFactory:
    """What makes one environment."""
    if spec.entry_point is None:
        raise ValueError("it has only vector environments: serve it with --vector")
    return spec.entry_point if callable(spec.entry_point) else load_env_creator(str(spec.entry_point))


def no_env(env_id: str, thrown: Exception) -> GymwireError:
    """Why there is nothing to serve under an id, to be raised from what Gymnasium or an import has raised."""
    text = f"{env_id}: {describe_exception(thrown)}"
    if isinstance(thrown, gymnasium.error.DependencyNotInstalled):
        return GymwireError("ENV_FAILED", text)
    if isinstance(thrown, (gymnasium.error.NameNotFound, gymnasium.error.NamespaceNotFound)):
        text += (
            ' A class of your own is given as such, serve({"Tank-v0": TankEnv}), or on the command line with the '
            "module that holds it: tank:TankEnv --id Tank-v0"
        )
    return GymwireError("UNKNOWN_ENV", text)


def check_kwargs(env_id: str, make: EnvFactory, kwargs: Mapping[str, Any]) -> None:
    """Raises GymwireError INVALID_ARGUMENT for a name that the factory does not take."""
    try:
        inspect.signature(make).bind_partial(**kwargs)
    except ValueError:
        return  # It has no signature.
    except TypeError as error:
        names = [one.name for one in signature_of(make) if one.kind in {one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY}]
        taken = ", ".join(name for name in names if name not in {"self", "render_mode"}) or "none"
        message = f"{env_id}: keyword arguments {', '.join(kwargs)}: {error}; it takes: {taken}"
        raise GymwireError("INVALID_ARGUMENT", message) from error


def registration_of(make: EnvFactory | EnvRegistration) -> EnvRegistration:
    """What a class tells of itself, as Gymnasium's do; a function tells its arguments only."""
    if isinstance(make, EnvRegistration):
        return make
    takes_mode = any(parameter.name == "render_mode" for parameter in signature_of(make))
    pictures = rendering(getattr(make, "metadata", None)) if takes_mode else {}
    text = (make.__doc__ or "").strip() if isinstance(make, type) else ""
    return EnvRegistration(make, description=text.split("\n", 1)[0], **pictures)


def rendering(metadata: Any) -> dict[str, Any]:
    """What metadata of Gymnasium's say of pictures, as fields of a registration."""
    if not isinstance(metadata, Mapping) or RGB_ARRAY not in (metadata.get("render_modes") or ()):
        return {}
    fps = metadata.get("render_fps")
    return {"render_modes": (RGB_ARRAY,), "render_fps": None if fps is None else float(fps)}

"""Simulators that step many environments at once: how an operator registers one, and what its spec says beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, load_env_creator

from gymwire.errors import GymwireError
from gymwire.server.arguments import ArgumentSpec, arguments_of
from gymwire.server.env_registration import (
    EnvFactory,
    EnvRegistration,
    check_kwargs,
    creator_of,
    load_spec,
    no_env,
    rendering,
)
from gymwire.session.batch_recipe import (
    MODE_NAMES,
    MODES,
    SEEDINGS,
    AutoresetMode,
    BatchRecipe,
    Seeding,
    mode_name,
    takes,
)
from gymwire.session.listed_members import ListedMembers
from gymwire.v1 import env_service_pb2 as pb

#: The factory's arguments that a session decides, and no client sets by name.
_SESSIONS_OWN = frozenset({"num_envs", "seed", "autoreset_mode", "max_episode_steps", "render_mode"})


@dataclass(frozen=True)
class VectorEnvRegistration(EnvRegistration):
    """
    A simulator that steps all environments of a session at once: `make` returns a gymnasium.vector.VectorEnv, or what
    has its methods, and is called once a session, in a new process, with `num_envs`, `seed`, `render_mode` and
    `max_episode_steps` where it takes arguments of these names. What is left out here is asked of the simulator when
    one is made.
    """

    #: When it resets environments that ended. Several: `make` takes `autoreset_mode`, and makes each of them; the
    #: first is what a client gets that asks for none. Empty: `metadata["autoreset_mode"]` says it.
    autoreset_modes: Sequence[AutoresetMode] = ()
    #: The only number of environments that it can be made of.
    num_envs: int | None = None
    #: The largest number.
    max_num_envs: int | None = None
    #: Whether a step in same-step mode brings `final_obs` in its infos. None: yes, unless
    #: `metadata["final_observations"]` is False.
    final_observations: bool | None = None
    #: "reset": its reset takes a seed or a list of them; "make": only the factory takes `seed`, so a reset with seeds
    #: makes it anew; "none": it cannot be seeded. None: "reset", and "make" for EnvPool.
    seeds: Seeding | None = None
    #: Whether a reset takes `options={"reset_mask": …}`. None: Gymnasium's own do, and all that reset nothing
    #: themselves.
    masks: bool | None = None

    def __post_init__(self) -> None:
        """Raises GymwireError INVALID_ARGUMENT, naming the field."""
        unknown = [mode for mode in self.autoreset_modes if mode not in MODES]
        if isinstance(self.autoreset_modes, str) or unknown:
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"autoreset_modes: expected a tuple out of {', '.join(MODES)}, got {self.autoreset_modes!r}",
            )
        if self.seeds is not None and self.seeds not in SEEDINGS:
            raise GymwireError("INVALID_ARGUMENT", f"seeds: expected one of {', '.join(SEEDINGS)}, got {self.seeds!r}")
        for name in ("num_envs", "max_num_envs"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise GymwireError("INVALID_ARGUMENT", f"{name}: expected a positive integer, got {value!r}")
        if self.workers is not None:
            raise GymwireError("INVALID_ARGUMENT", "workers: a batch simulator is one, and has a process of its own")
        if len(self.autoreset_modes) > 1 and not takes(self.make, "autoreset_mode"):
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"autoreset_modes: {', '.join(self.autoreset_modes)} are several, and the factory takes no "
                f"autoreset_mode",
            )

    def recipe(self, members: ListedMembers) -> BatchRecipe:
        return BatchRecipe(
            make=self.make,
            members=members,
            autoreset_modes=tuple(self.autoreset_modes),
            final_observations=self.final_observations,
            seeds=self.seeds,
            masks=self.masks,
            limit=self.max_episode_steps,
        )

    def declared_arguments(self) -> list[ArgumentSpec]:
        return [one for one in arguments_of(self.make, {}) if one.name not in _SESSIONS_OWN]

    def batch_spec(self) -> pb.BatchSpec:
        """What is known before one was made."""
        metadata = getattr(self.make, "metadata", None)
        own = mode_name(metadata.get("autoreset_mode")) if isinstance(metadata, Mapping) else None
        modes = self.autoreset_modes or ((own,) if own is not None else ())
        return pb.BatchSpec(
            autoreset_modes=[MODES[mode] for mode in modes],
            min_num_envs=self.num_envs,
            max_num_envs=self.max_num_envs if self.num_envs is None else self.num_envs,
            final_observations=self.final_observations is True,
            seeding=pb.BATCH_SEEDING_UNSPECIFIED if self.seeds is None else SEEDINGS[self.seeds],
            masks=self.masks is True,
        )


def learnt(known: pb.BatchSpec, registration: VectorEnvRegistration, made: pb.BatchSpec) -> pb.BatchSpec:
    """With what a session has shown, where the operator says nothing of it."""
    spec = pb.BatchSpec()
    spec.CopyFrom(known)
    if not spec.autoreset_modes:
        spec.autoreset_modes.extend(made.autoreset_modes)
    if spec.seeding == pb.BATCH_SEEDING_UNSPECIFIED:
        spec.seeding = made.seeding
    if not takes(registration.make, "num_envs"):
        spec.min_num_envs, spec.max_num_envs = made.min_num_envs, made.max_num_envs
    is_same = pb.AUTORESET_MODE_SAME_STEP in made.autoreset_modes
    # Of another mode than same-step nothing was shown.
    if registration.final_observations is None and is_same:
        spec.final_observations = made.final_observations
    if registration.masks is None and len(spec.autoreset_modes) == 1:
        spec.masks = made.masks
    return spec


def check_request(
    env_id: str, registration: VectorEnvRegistration, spec: pb.BatchSpec, request: pb.MakeSessionRequest
) -> None:
    """
    Refuses what is known to be impossible before it is made.

    Raises GymwireError INVALID_ARGUMENT, naming what there is.
    """
    if not request.HasField("num_envs"):
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"num_envs: {env_id} is a batch simulator, which has vector sessions only: ask for a number of "
            f"environments, "
            "which may be 1",
        )
    low = spec.min_num_envs if spec.HasField("min_num_envs") else 1
    high = spec.max_num_envs if spec.HasField("max_num_envs") else 2**32
    if not low <= request.num_envs <= high:
        expected = f"{low}" if low == high else f"{low} to {high}" if high < 2**32 else f"at least {low}"
        raise GymwireError("INVALID_ARGUMENT", f"num_envs: {env_id} has {expected}, got {request.num_envs}")
    asked = request.autoreset_mode
    if asked != pb.AUTORESET_MODE_UNSPECIFIED and spec.autoreset_modes and asked not in spec.autoreset_modes:
        names = ", ".join(MODE_NAMES[mode] for mode in spec.autoreset_modes)
        raise GymwireError("INVALID_ARGUMENT", f"autoreset_mode: {env_id} has {names}, got {MODE_NAMES[asked]}")
    _check_limit(env_id, registration, request)


def _check_limit(env_id: str, registration: VectorEnvRegistration, request: pb.MakeSessionRequest) -> None:
    own, asked = registration.max_episode_steps, request.max_episode_steps
    if not request.HasField("max_episode_steps") or asked == own:
        return
    if takes(registration.make, "max_episode_steps"):
        if asked == 0:
            raise GymwireError(
                "INVALID_ARGUMENT", f"max_episode_steps: {env_id} is made with a number of steps, and 0 is none"
            )
    elif own is not None:
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"max_episode_steps: {env_id} ends episodes after {own} steps, and is not made with another limit; "
            f"got {asked}",
        )


@dataclass(frozen=True)
class _MakeVec:
    """`gymnasium.make_vec` of a spec, which is told of the session."""

    spec: EnvSpec
    kwargs: Mapping[str, Any]
    vectorization_mode: str | None

    def __call__(
        self, *, num_envs: int, max_episode_steps: int | None = None, autoreset_mode: Any = None, **rest: Any
    ) -> Any:
        spec = replace(self.spec, max_episode_steps=max_episode_steps or self.spec.max_episode_steps)
        chosen = {} if autoreset_mode is None else {"vector_kwargs": {"autoreset_mode": autoreset_mode}}
        arguments = {**self.kwargs, **rest, **chosen}
        return gymnasium.make_vec(spec, num_envs=num_envs, vectorization_mode=self.vectorization_mode, **arguments)


def gymnasium_vector_registration(
    env_id: str, kwargs: Mapping[str, Any] | None = None
) -> tuple[str, VectorEnvRegistration]:
    """
    The id and the registration of what `gymnasium.make_vec(env_id, **kwargs)` makes, `vectorization_mode` included. A
    vector environment that its author wrote is taken before one that is put together out of single ones, as Gymnasium
    does it.

    Raises GymwireError UNKNOWN_ENV with Gymnasium's own message, ENV_FAILED where a package is missing.
    """
    kwargs = dict(kwargs or {})
    mode = kwargs.pop("vectorization_mode", None)
    try:
        spec = load_spec(env_id)
        is_own = mode == "vector_entry_point" or (mode is None and spec.vector_entry_point is not None)
        creator = _vector_creator_of(spec) if is_own else creator_of(spec)
    except Exception as thrown:
        raise no_env(env_id, thrown) from thrown
    check_kwargs(env_id, creator, kwargs)
    arguments = [one for one in arguments_of(creator, {**spec.kwargs, **kwargs}) if one.name not in _SESSIONS_OWN]
    registration = VectorEnvRegistration(
        make=_MakeVec(spec, kwargs, mode),
        arguments=arguments,
        max_episode_steps=spec.max_episode_steps,
        reward_threshold=spec.reward_threshold,
        nondeterministic=spec.nondeterministic,
        fixed=frozenset(kwargs),
        **rendering(getattr(creator, "metadata", None)),
    )
    if not is_own:
        # Gymnasium's own: they have all of it. What an author wrote says itself what it has.
        modes: tuple[AutoresetMode, ...] = ("next-step", "same-step", "disabled")
        registration = replace(registration, autoreset_modes=modes, final_observations=True, seeds="reset", masks=True)
    return spec.id, registration


def _vector_creator_of(spec: EnvSpec) -> EnvFactory:
    entry = spec.vector_entry_point
    if entry is None:
        raise ValueError("it has no vector_entry_point")
    return entry if callable(entry) else load_env_creator(entry)

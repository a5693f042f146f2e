"""A batch simulator that was made, and what it can do: as it says itself, or as its operator does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gymwire.codec.spaces import Space
from gymwire.errors import GymwireError
from gymwire.session.batch_recipe import MODE_NAMES, MODES, SEEDINGS, BatchRecipe, mode_name, takes
from gymwire.session.render_mode import attribute_of
from gymwire.v1 import env_service_pb2 as pb

_NEEDED = ("num_envs", "single_observation_space", "single_action_space", "reset", "step")
_NO_BATCH = (
    "expected a gymnasium.vector.VectorEnv, or what has num_envs, single_observation_space, single_action_space, "
    "reset and "
    "step as one has (gymwire.adapters makes one of some that have not)"
)


@dataclass(frozen=True)
class BatchFacts:
    num_envs: int
    observation_space: Space
    action_space: Space
    mode: str
    #: Same-step: infos have the last observations of episodes that ended.
    final_observations: bool
    seeding: str
    masks: bool
    max_episode_steps: int | None

    def encode(self) -> pb.BatchSpec:
        return pb.BatchSpec(
            autoreset_modes=[MODES[self.mode]],
            min_num_envs=self.num_envs,
            max_num_envs=self.num_envs,
            final_observations=self.final_observations,
            seeding=SEEDINGS[self.seeding],
            masks=self.masks,
        )


def facts_of(env: Any, recipe: BatchRecipe, request: pb.MakeSessionRequest) -> BatchFacts:
    """
    Raises GymwireError ENV_FAILED for what is no batch simulator, INVALID_ARGUMENT where it is not as was asked for.
    """
    missing = [name for name in _NEEDED if attribute_of(env, name) is None]
    if missing:
        raise GymwireError("ENV_FAILED", f"{_NO_BATCH}; {type(env).__name__} has no {', '.join(missing)}")
    count = int(env.num_envs)
    if count != request.num_envs:
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"num_envs: this simulator was made of {count}, and has no other number; got {request.num_envs}",
            {"num_envs": str(count)},
        )
    metadata = attribute_of(env, "metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    mode = _mode_of(env, metadata, recipe, request)
    own_finals = metadata.get("final_observations", True) is not False
    finals = own_finals if recipe.final_observations is None else recipe.final_observations
    return BatchFacts(
        num_envs=count,
        observation_space=env.single_observation_space,
        action_space=env.single_action_space,
        mode=mode,
        final_observations=mode != "same-step" or finals,
        seeding=recipe.seeds or _own_seeding(env),
        masks=_takes_masks(env, mode) if recipe.masks is None else recipe.masks,
        max_episode_steps=_limit_of(env, recipe, request),
    )


def _mode_of(env: Any, metadata: Mapping[Any, Any], recipe: BatchRecipe, request: pb.MakeSessionRequest) -> str:
    modes = recipe.autoreset_modes
    declared = mode_name(metadata.get("autoreset_mode")) or mode_name(attribute_of(env, "autoreset_mode"))
    mode = modes[0] if len(modes) == 1 else declared
    if mode is None:
        raise GymwireError(
            "ENV_FAILED",
            f'{type(env).__name__} does not say in metadata["autoreset_mode"] when it resets environments that ended: '
            "say it with autoreset_modes=(…,) of its registration (--autoreset-mode)",
        )
    asked = MODE_NAMES.get(request.autoreset_mode)
    if asked is not None and asked != mode:
        code = "ENV_FAILED" if len(modes) > 1 else "INVALID_ARGUMENT"
        raise GymwireError(code, f"autoreset_mode: this simulator has {mode}, got {asked}", {"autoreset_mode": mode})
    return mode


def _own_seeding(env: Any) -> str:
    """EnvPool's `reset` takes seeds and ignores them."""
    bases = (base.__module__ for base in type(env).__mro__)
    return "make" if any(name.split(".", 1)[0] == "envpool" for name in bases) else "reset"


def _takes_masks(env: Any, mode: str) -> bool:
    """As Gymnasium's own do: `options={"reset_mask": …}`. Where nothing resets by itself, nothing else would go on."""
    import gymnasium.vector as vector

    inner = attribute_of(env, "unwrapped")
    return mode == "disabled" or isinstance(inner, (vector.SyncVectorEnv, vector.AsyncVectorEnv))


def _limit_of(env: Any, recipe: BatchRecipe, request: pb.MakeSessionRequest) -> int | None:
    """The one that it was made with, or what it says itself. Raises GymwireError INVALID_ARGUMENT for another one."""
    asked = request.max_episode_steps if request.HasField("max_episode_steps") else None
    if asked is not None and takes(recipe.make, "max_episode_steps"):
        return asked or None
    own = _own_limit(env)
    if asked in {None, own, own or 0}:
        return own
    if own is None and recipe.limit == asked:
        return asked
    raise GymwireError(
        "INVALID_ARGUMENT",
        f"max_episode_steps: this simulator has {own or 'none'}, and is not made with another limit; got {asked}",
    )


def _own_limit(env: Any) -> int | None:
    spec = attribute_of(env, "spec")
    for holder in (spec, attribute_of(spec, "config"), env):
        own = attribute_of(holder, "max_episode_steps")
        if isinstance(own, int) and not isinstance(own, bool) and own > 0:
            return own
    return None

"""What a session's process makes a batch simulator from, and what the operator says of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gymwire.codec.values import decode_entries
from gymwire.session.listed_members import ListedMembers
from gymwire.v1 import env_service_pb2 as pb

AutoresetMode = Literal["disabled", "next-step", "same-step"]
#: What becomes of a reset's seeds: each environment gets its own; the simulator is made anew with them; it takes none.
Seeding = Literal["reset", "make", "none"]

MODES: Mapping[str, pb.AutoresetMode] = {
    "disabled": pb.AUTORESET_MODE_DISABLED,
    "next-step": pb.AUTORESET_MODE_NEXT_STEP,
    "same-step": pb.AUTORESET_MODE_SAME_STEP,
}
MODE_NAMES: Mapping[int, str] = {wire: name for name, wire in MODES.items()}
#: Gymnasium's names.
_GYMNASIUM_MODES = {"disabled": "Disabled", "next-step": "NextStep", "same-step": "SameStep"}

SEEDINGS: Mapping[str, pb.BatchSeeding] = {
    "reset": pb.BATCH_SEEDING_RESET,
    "make": pb.BATCH_SEEDING_MAKE,
    "none": pb.BATCH_SEEDING_NONE,
}


@dataclass(frozen=True)
class BatchRecipe:
    make: Callable[..., Any]
    members: ListedMembers
    #: What the operator says; None or empty: what the simulator says.
    autoreset_modes: tuple[str, ...] = ()
    final_observations: bool | None = None
    seeds: str | None = None
    masks: bool | None = None
    limit: int | None = None

    def make_env(self, request: pb.MakeSessionRequest, seeds: int | list[int | None] | None = None) -> Any:
        """
        Calls the factory: with `num_envs`, `seed`, `render_mode` and `max_episode_steps` where it takes them, with
        `autoreset_mode` where it has a choice.
        """
        arguments = decode_entries(request.arguments, "arguments")
        offered: dict[str, Any] = {
            "num_envs": request.num_envs,
            "seed": seeds,
            "render_mode": request.render_mode or None,
            "max_episode_steps": request.max_episode_steps if request.HasField("max_episode_steps") else None,
            "autoreset_mode": self._chosen(request),
        }
        names = {name for name, value in offered.items() if value is not None and takes(self.make, name)}
        return self.make(**arguments, **{name: offered[name] for name in names})

    def _chosen(self, request: pb.MakeSessionRequest) -> Any:
        """None where there is no choice."""
        if len(self.autoreset_modes) < 2:
            return None
        # Not at the top: the processes of single environments need none of it.
        import gymnasium.vector

        name = MODE_NAMES.get(request.autoreset_mode, self.autoreset_modes[0])
        return gymnasium.vector.AutoresetMode(_GYMNASIUM_MODES[name])


def takes(make: Callable[..., Any], name: str) -> bool:
    """Whether a factory can be called with this argument. What has no signature is given it."""
    try:
        parameters = inspect.signature(make).parameters
    except (TypeError, ValueError):
        return True
    return name in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def mode_name(value: Any) -> str | None:
    """Gymnasium's AutoresetMode, or its value, or our own name for it; None: it is none of them."""
    text = getattr(value, "value", value)
    names = {theirs: ours for ours, theirs in _GYMNASIUM_MODES.items()}
    return text if text in MODES else names.get(text) if isinstance(text, str) else None

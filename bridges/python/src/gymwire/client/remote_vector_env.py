"""Several remote environments that are stepped together, as a gymnasium.vector.VectorEnv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium.vector
import numpy as np
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space

from gymwire.client.actions import to_action
from gymwire.client.janitor import close_when_dropped
from gymwire.client.listed_members import call_method, read_attribute
from gymwire.client.observations import batch_of, members_of
from gymwire.client.own_spec import HasOwnSpec
from gymwire.client.remote_env import metadata_of, outcome_of
from gymwire.client.remote_session import (
    RemoteSession,
    connection_options,
    out_of_bounds_rule,
    seed_of,
    step_limit_of,
    whole_number,
)
from gymwire.client.vector_infos import gather_infos
from gymwire.codec.packed_infos import check_indices, decode_infos
from gymwire.codec.values import decode_tensor, decode_value, encode_dict, encode_entries, encode_value
from gymwire.errors import GymwireError
from gymwire.session.space_member import describe_value
from gymwire.v1 import env_service_pb2 as pb

_MODES = {
    "NextStep": pb.AUTORESET_MODE_NEXT_STEP,
    "SameStep": pb.AUTORESET_MODE_SAME_STEP,
    "Disabled": pb.AUTORESET_MODE_DISABLED,
}
_NAMES = {mode: name for name, mode in _MODES.items()}


class RemoteVectorEnv(HasOwnSpec, VectorEnv[Any, Any, Any]):
    """
    `num_envs` environments in one session of a gymwire server, one message a step.

    :param autoreset_mode: Gymnasium's AutoresetMode or its value ("NextStep", "SameStep", "Disabled"); None:
    "NextStep", or the only one that a batch simulator has. What it came to be is in `autoreset_mode` and
        `metadata["autoreset_mode"]`; where a batch simulator does not tell the last observations of episodes,
        `metadata["final_observations"]` is False, and infos have no `final_obs`
    :param env_kwargs: keyword arguments of the environment, out of those that the server lists
    :param max_episode_steps: steps until `truncated`; None: the environment's own; 0 or -1: no limit
    :param options: those of `ConnectionOptions`
    :raises GymwireError: with the server's code; SessionLostError when the server has lost the session
    """

    def __init__(
        self,
        num_envs: int,
        address: str,
        env_id: str,
        env_kwargs: Mapping[str, Any] | None = None,
        *,
        autoreset_mode: Any = None,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        out_of_bounds: str = "pass",
        **options: Any,
    ) -> None:
        mode = getattr(autoreset_mode, "value", autoreset_mode)
        if mode is not None and mode not in _MODES:
            raise GymwireError(
                "INVALID_ARGUMENT", f"autoreset_mode: expected one of {', '.join(_MODES)}, got {autoreset_mode!r}"
            )
        request = pb.MakeSessionRequest(
            env_id=env_id,
            arguments=encode_entries(env_kwargs or {}, "env_kwargs"),
            num_envs=whole_number("num_envs", num_envs, 1, 2**32 - 1),
            autoreset_mode=None if mode is None else _MODES[mode],
            render_mode=render_mode or "",
            max_episode_steps=step_limit_of(max_episode_steps),
            out_of_bounds_rule=out_of_bounds_rule(out_of_bounds),
            accepts_packed_infos=True,
        )
        self._session = RemoteSession(connection_options(address, options), request)
        close_when_dropped(self, self._session)
        description = self._session.description
        agreed = _NAMES.get(description.autoreset_mode)
        if agreed is None:
            self._session.close()
            raise GymwireError(
                "MALFORMED",
                f"autoreset_mode: expected one of {', '.join(_MODES)}, and the server at {address} told number "
                f"{description.autoreset_mode}",
            )
        self.num_envs = num_envs
        self.single_observation_space = self._session.observation_space
        self.single_action_space = self._session.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.render_mode = render_mode
        # TorchRL reads the first, Gymnasium's wrappers the second.
        self.autoreset_mode = _autoreset_mode(agreed)
        self.metadata = {**metadata_of(description.spec), "autoreset_mode": self.autoreset_mode}
        if description.spec.HasField("batch") and not description.spec.batch.final_observations:
            self.metadata["final_observations"] = False

    @property
    def remote_spec(self) -> pb.EnvSpec:
        """What the server says of the environment."""
        return self._session.description.spec

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """
        :param seed: environment i gets seed + i, or its own out of a list
        :param options: passed to the environments, but for `reset_mask`: a boolean array that names those to reset
        """
        super().reset(seed=seed if isinstance(seed, int) else None)
        request = pb.ResetRequest()
        if isinstance(seed, (Sequence, np.ndarray)):
            request.seeds.seeds.extend(pb.OptionalSeed(seed=None if one is None else seed_of(one)) for one in seed)
        elif seed is not None:
            request.seed = seed_of(seed)
        options = dict(options) if options is not None else None
        if options is not None and "reset_mask" in options:
            request.mask.extend(_mask_of(options.pop("reset_mask")))
        if options is not None:
            request.options.CopyFrom(encode_dict(options, "options"))
        reply = self._session.reset(request)
        infos = gather_infos(reply.infos, reply.packed_infos, {}, self._add_info, self.num_envs)
        return self._observation(reply), infos

    def step(
        self, actions: Any, *, next_seeds: Sequence[int] | None = None
    ) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """
        Rewards are float64 [num_envs], the flags bool [num_envs].

        :param next_seeds: beyond Gymnasium's own signature, one an environment: the seed of the reset that this step
            may bring ("SameStep": where it ends an episode; "NextStep": where it follows an end). That of an
            environment which this step does not reset is ignored. None: random streams go on.
        :raises GymwireError: UNSUPPORTED for next_seeds where the server has not the capability `step-seeds`
        """
        value = encode_value(to_action(self.single_action_space, actions, batched=True), "action")
        packed = b"" if next_seeds is None else self._packed(next_seeds)
        reply = self._session.step(value, packed)
        rewards, terminated, truncated = outcome_of(reply, self.num_envs)
        return self._observation(reply), rewards, terminated, truncated, self._infos_of(reply)

    def render(self) -> tuple[Any, ...]:
        """A picture of each environment: uint8 [height, width, 3]."""
        return tuple(decode_tensor(self._session.render(index), "frame") for index in range(self.num_envs))

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """
        Calls a method that the server lists, or reads an attribute, of each environment.

        Raises GymwireError UNSUPPORTED for a name that is not listed, ENV_FAILED with the first fault of theirs.
        """
        spec = self.remote_spec
        if name in spec.methods:
            return tuple(call_method(self._session, name, args, kwargs))
        if name in spec.attributes and not args and not kwargs:
            return tuple(read_attribute(self._session, name))
        listed = ", ".join([*spec.methods, *spec.attributes]) or "nothing"
        raise GymwireError("UNSUPPORTED", f"{spec.id} lists no method {name!r}; it lists: {listed}")

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """An attribute that the server lists, of each environment. Raises GymwireError UNSUPPORTED for any other."""
        if name not in self.remote_spec.attributes:
            listed = ", ".join(self.remote_spec.attributes) or "none"
            raise GymwireError("UNSUPPORTED", f"{self.remote_spec.id} lists no attribute {name!r}; it lists: {listed}")
        return tuple(read_attribute(self._session, name))

    def set_attr(self, name: str, values: Any) -> None:
        """Raises GymwireError UNSUPPORTED: simulators are changed by methods that the server lists."""
        del values
        raise GymwireError(
            "UNSUPPORTED", f"{name!r} cannot be set: a server's simulators are changed by listed methods"
        )

    def close_extras(self, **_: Any) -> None:
        if hasattr(self, "_session"):
            self._session.close()

    def __del__(self) -> None:
        """Gymnasium's would wait for the server in the garbage collector; what is dropped is closed elsewhere."""

    def _packed(self, seeds: Sequence[int]) -> bytes:
        if len(seeds) != self.num_envs:
            raise GymwireError("INVALID_ARGUMENT", f"next_seeds: expected {self.num_envs} seeds, got {len(seeds)}")
        return np.array([seed_of(seed) for seed in seeds], "<u8").tobytes()

    def _observation(self, reply: pb.ResetResponse | pb.StepResponse) -> Any:
        value = decode_value(reply.observation, "observation")
        return batch_of(self.single_observation_space, value, self.num_envs, "observation")

    def _infos_of(self, reply: pb.StepResponse) -> dict[str, Any]:
        """As Gymnasium's vector environments gather them: a reset in the same step leaves `final_obs`, `final_info`."""
        finals: dict[int, dict[str, Any]] = {}
        if reply.final_env_indices or reply.final_infos or reply.packed_final_infos:
            ended = list(reply.final_env_indices)
            check_indices(ended, "final_env_indices", self.num_envs)
            last = decode_infos(reply.final_infos, reply.packed_final_infos, "final_info", self.num_envs, ended)
            observations = self._final_observations(reply) if ended else {}
            finals = {i: {"final_obs": row, "final_info": last.get(i, {})} for i, row in observations.items()}
        return gather_infos(reply.infos, reply.packed_infos, finals, self._add_info, self.num_envs)

    def _final_observations(self, reply: pb.StepResponse) -> dict[int, Any]:
        indices = list(reply.final_env_indices)
        batch = decode_value(reply.final_observation, "final_observation")
        rows = members_of(self.single_observation_space, batch, len(indices), "final_observation")
        return dict(zip(indices, rows, strict=True))


def _mask_of(mask: Any) -> list[bool]:
    """`bool` would make a flag of anything, also of the text "no"."""
    array = np.asarray(mask)
    if array.dtype.kind != "b" or array.ndim != 1:
        raise GymwireError("INVALID_ARGUMENT", f"reset_mask: expected a boolean array, got {describe_value(mask)}")
    return [bool(named) for named in array]


def _autoreset_mode(name: str) -> Any:
    """Gymnasium 1.0 resets in the next step only, and has no name for it."""
    known = getattr(gymnasium.vector, "AutoresetMode", None)
    return name if known is None else known(name)

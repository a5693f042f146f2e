"""One remote environment as a gymnasium.Env."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np

from gymwire.client.actions import to_action
from gymwire.client.janitor import close_when_dropped
from gymwire.client.listed_members import member_of
from gymwire.client.own_spec import HasOwnSpec, limit_of_make
from gymwire.client.remote_session import (
    RemoteSession,
    SessionLoss,
    SessionLostError,
    connection_options,
    out_of_bounds_rule,
    seed_of,
    step_limit_of,
)
from gymwire.codec.packed_infos import decode_infos
from gymwire.codec.values import decode_tensor, decode_value, encode_dict, encode_entries, encode_value
from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb


class RemoteEnv(HasOwnSpec, gymnasium.Env[Any, Any]):
    """
    An environment on a gymwire server. `gymnasium.make("gymwire/Remote-v0", address=…, env_id=…)` makes one.

    Observations and infos are exact, with the types that they had; rewards are Python floats. The server enforces
    Gymnasium's order and the time limit.

    :param env_kwargs: keyword arguments of the environment, out of those that the server lists
    :param max_episode_steps: steps until `truncated`; None: the environment's own; 0 or -1: no limit (gymnasium.make
        takes -1 only)
    :param on_session_loss: what `step` does when the server has lost the session: "raise" SessionLostError, or
        "truncate": the last observation again, reward 0, truncated, and info["gymwire_session_lost"]
    :param options: those of `ConnectionOptions`: token, token_file, ca, tls, deadline_ms, reconnect_timeout_ms, …
    :raises GymwireError: with the server's code
    """

    # Gymnasium looks here before it knows what the server draws.
    metadata: dict[str, Any] = {"render_modes": ["rgb_array"]}  # noqa: RUF012 -- gymnasium.Env's own declaration

    def __init__(
        self,
        address: str,
        env_id: str,
        env_kwargs: Mapping[str, Any] | None = None,
        *,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        out_of_bounds: str = "pass",
        on_session_loss: SessionLoss = "raise",
        **options: Any,
    ) -> None:
        if on_session_loss not in {"raise", "truncate"}:
            raise GymwireError(
                "INVALID_ARGUMENT", f"on_session_loss: expected raise or truncate, got {on_session_loss!r}"
            )
        if max_episode_steps is None:
            max_episode_steps = limit_of_make()
        request = pb.MakeSessionRequest(
            env_id=env_id,
            arguments=encode_entries(env_kwargs or {}, "env_kwargs"),
            render_mode=render_mode or "",
            max_episode_steps=step_limit_of(max_episode_steps),
            out_of_bounds_rule=out_of_bounds_rule(out_of_bounds),
        )
        self._session = RemoteSession(connection_options(address, options), request)
        close_when_dropped(self, self._session)
        self._on_session_loss = on_session_loss
        self._last_observation: Any = None
        self.observation_space = self._session.observation_space
        self.action_space = self._session.action_space
        self.render_mode = render_mode
        self.metadata = metadata_of(self._session.description.spec)

    @property
    def remote_spec(self) -> pb.EnvSpec:
        """What the server says of the environment. (`spec` is Gymnasium's, of this client, with the server's limit.)"""
        return self._session.description.spec

    def __getattr__(self, name: str) -> Any:
        """
        A method or an attribute of the simulator, out of those that the server lists: `env.unwrapped.compute_reward`,
        `env.get_wrapper_attr("compute_reward")`. An attribute is read anew each time.
        """
        # Nothing with an underscore is ever listed, and Python looks for such names while objects are half made.
        if name.startswith("_") or "_session" not in vars(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return member_of(self._session, name)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        wire_seed = None if seed is None else seed_of(seed)
        request = pb.ResetRequest(seed=wire_seed, options=None if options is None else encode_dict(options, "options"))
        reply = self._session.reset(request)
        observation = decode_value(reply.observation, "observation")
        self._last_observation = observation
        return observation, decode_infos(reply.infos, reply.packed_infos, "info", 1).get(0, {})

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        value = encode_value(to_action(self.action_space, action, batched=False), "action")
        try:
            reply = self._session.step(value)
        except SessionLostError as lost:
            if self._on_session_loss == "raise":
                raise
            return self._last_observation, 0.0, False, True, {"gymwire_session_lost": lost.message}
        rewards, terminated, truncated = outcome_of(reply, 1)
        observation = decode_value(reply.observation, "observation")
        self._last_observation = observation
        info = decode_infos(reply.infos, reply.packed_infos, "info", 1).get(0, {})
        return observation, float(rewards[0]), bool(terminated[0]), bool(truncated[0]), info

    def render(self) -> Any:
        """uint8 [height, width, 3]; the environment must have been made with a render mode."""
        return decode_tensor(self._session.render(0), "frame")

    def close(self) -> None:
        if hasattr(self, "_session"):
            self._session.close()


def metadata_of(spec: pb.EnvSpec) -> dict[str, Any]:
    fps = {"render_fps": spec.render_fps} if spec.HasField("render_fps") else {}
    return {"render_modes": list(spec.render_modes), **fps}


def outcome_of(reply: pb.StepResponse, count: int) -> tuple[Any, Any, Any]:
    """Rewards and both flags, one an environment. Raises GymwireError MALFORMED for any other number of them."""
    sizes = (len(reply.rewards), len(reply.terminated), len(reply.truncated))
    if sizes != (8 * count, count, count):
        raise GymwireError(
            "MALFORMED", f"step: expected rewards and flags of {count} environments, got {sizes} bytes of each"
        )
    return (
        np.frombuffer(reply.rewards, np.float64).copy(),
        np.frombuffer(reply.terminated, np.uint8) != 0,
        np.frombuffer(reply.truncated, np.uint8) != 0,
    )

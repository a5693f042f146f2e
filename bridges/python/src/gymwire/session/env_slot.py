"""
One environment of a session, held to Gymnasium's order: a time limit around an order around the simulator. Faults
of the simulator become ENV_FAILED with its own message, and the episode is over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.codec.values import encode_entries
from gymwire.errors import GymwireError, describe_exception
from gymwire.session.space_member import find_mismatch, integer_of


class Simulator(Protocol):
    """What is served: a gymnasium.Env, or any class with the same methods."""

    observation_space: Any
    action_space: Any

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, Any]: ...

    def step(self, action: Any) -> tuple[Any, Any, Any, Any, Any]: ...


@dataclass(frozen=True)
class SlotStep:
    observation: Any
    reward: float
    terminated: bool
    truncated: bool
    info: Mapping[str, Any]
    #: With same-step autoreset the last observation and info of the episode that this step ended.
    final: tuple[Any, Mapping[str, Any]] | None = None


class EnvSlot:
    def __init__(self, env: Simulator, max_episode_steps: int | None, autoreset_mode: str) -> None:
        self._env = env
        self._max_episode_steps = math.inf if max_episode_steps is None else max_episode_steps
        self._autoreset_mode = autoreset_mode
        self._elapsed_steps = 0
        #: new, running, ended or failed
        self.phase = "new"
        #: What the last reset or step returned.
        self.observation: Any = None

    @property
    def ignores_action(self) -> bool:
        """next-step autoreset: the coming step only resets."""
        return self.phase == "ended" and self._autoreset_mode == "next-step"

    @property
    def obstacle(self) -> str | None:
        """Why a step is not possible now."""
        if self.phase == "new":
            return "has not been reset yet"
        if self.phase == "failed":
            return "failed; reset it first"
        if self.phase == "ended" and not self.ignores_action:
            return "has ended its episode; reset it first"
        return None

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Mapping[str, Any]:
        """The reset's info; its observation is `observation`."""
        self.phase = "failed"
        reply = self._guard("reset", lambda: self._env.reset(seed=seed, options=options))
        if not isinstance(reply, tuple) or len(reply) != 2:
            raise _bad_reply("reset", "(observation, info)")
        observation, info = reply
        self._check(observation, info, "reset")
        self.phase = "running"
        self._elapsed_steps = 0
        # A simulator may write into the array that it returned; a later masked reset shows this one again.
        self.observation = _copy(observation)
        return dict(info)

    def step(self, action: Any) -> SlotStep:
        if self.ignores_action:
            info = self.reset()
            return SlotStep(self.observation, 0.0, terminated=False, truncated=False, info=info)
        step = self._step_once(action)
        if self.phase != "ended" or self._autoreset_mode != "same-step":
            return step
        info = self.reset()
        return replace(step, observation=self.observation, info=info, final=(step.observation, step.info))

    def render(self) -> np.ndarray[Any, Any]:
        """uint8 [height, width, 3]"""
        if self.phase == "new":
            raise GymwireError("NOT_RESET", "render: the environment has not been reset yet")
        draw = getattr(self._env, "render", None)
        if draw is None:
            raise GymwireError("UNSUPPORTED", "this environment does not render")
        frame = self._guard("render", draw)
        if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise GymwireError("ENV_FAILED", "render: the simulator must return uint8 [height, width, 3]")
        return frame

    def close(self) -> None:
        close = getattr(self._env, "close", None)
        if close is not None:
            self._guard("close", close)

    def _step_once(self, action: Any) -> SlotStep:
        self.phase = "failed"
        reply = self._guard("step", lambda: self._env.step(to_env_action(self._env.action_space, action)))
        if not isinstance(reply, tuple) or len(reply) != 5:
            raise _bad_reply("step", "(observation, reward, terminated, truncated, info)")
        observation, reward, terminated, truncated, info = reply
        self._check(observation, info, "step")
        reward = _checked_reward(reward)
        self._elapsed_steps += 1
        is_terminated = bool(terminated)
        is_truncated = bool(truncated) or self._elapsed_steps >= self._max_episode_steps
        self.phase = "ended" if is_terminated or is_truncated else "running"
        self.observation = _copy(observation)
        return SlotStep(self.observation, reward, is_terminated, is_truncated, dict(info))

    def _guard(self, what: str, call: Callable[[], Any]) -> Any:
        """Faults of the simulator get its own message; coded errors pass."""
        try:
            return call()
        except GymwireError:
            raise
        except Exception as thrown:
            message = f"{what}: the simulator failed: {describe_exception(thrown)}"
            raise GymwireError("ENV_FAILED", message) from thrown

    def _check(self, observation: Any, info: Any, what: str) -> None:
        """A reply that cannot travel is the simulator's fault, and must be found before it counts as given."""
        if not isinstance(info, Mapping):
            raise GymwireError("ENV_FAILED", f"{what}: the simulator must return an observation and an info dictionary")
        try:
            encode_entries(info)
        except GymwireError as error:
            message = f"{what}: the simulator returned an info that cannot travel: {error.message}"
            raise GymwireError("ENV_FAILED", message) from error
        wrong = find_mismatch(self._env.observation_space, observation, "observation", bounds=False)
        if wrong is None:
            return
        code = "NON_FINITE_OBSERVATION" if wrong.kind == "non-finite" else "ENV_FAILED"
        message = f"{what}: the simulator returned a bad observation: {wrong.message}"
        raise GymwireError(code, message, wrong.details)


def to_env_action(space: Space, action: Any) -> Any:
    """An integer that came in an array becomes the scalar that Gymnasium's Discrete spaces hold."""
    if isinstance(space, spaces.Discrete) and isinstance(action, np.ndarray):
        return np.dtype(space.dtype).type(integer_of(action))
    if isinstance(space, spaces.Dict):
        return {key: to_env_action(inner, action[key]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(to_env_action(inner, item) for inner, item in zip(space.spaces, action, strict=True))
    return action


def _checked_reward(reward: Any) -> float:
    if isinstance(reward, np.ndarray):
        reward = reward.item() if reward.size == 1 else None
    try:
        number = float(reward)
    except (TypeError, ValueError):
        raise GymwireError("ENV_FAILED", f"step: the simulator returned the reward {reward!r}") from None
    if not math.isfinite(number):
        raise GymwireError("NON_FINITE_OBSERVATION", f"step: the simulator returned the reward {number}")
    return number


def _bad_reply(what: str, expected: str) -> GymwireError:
    return GymwireError("ENV_FAILED", f"{what}: the simulator must return {expected}")


def _copy(observation: Any) -> Any:
    if isinstance(observation, np.ndarray):
        return observation.copy()
    if isinstance(observation, Mapping):
        return {key: _copy(item) for key, item in observation.items()}
    if isinstance(observation, tuple):
        return tuple(_copy(item) for item in observation)
    return observation

"""
One environment of a session, held to Gymnasium's order: a time limit around an order around the simulator. Faults
of the simulator become ENV_FAILED with its own message, and the episode is over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.errors import GymwireError, describe_exception
from gymwire.session.plain_rows import PlainRows
from gymwire.session.read_reply import Info, ReplyReader
from gymwire.session.slot_state import SlotState
from gymwire.session.space_member import integer_of
from gymwire.session.step_arrays import StepArrays

# What an environment may say of a request. The other codes are this server's, or those of a client that an environment
# has in it: SESSION_GONE, passed on, would make the client of this session give it up.
_CODES_OF_SIMULATORS = {
    "UNKNOWN_ENV",
    "UNKNOWN_ARGUMENT",
    "INVALID_ARGUMENT",
    "CAPACITY",
    "BAD_ACTION",
    "NON_FINITE_ACTION",
    "ACTION_OUT_OF_BOUNDS",
    "ENV_FAILED",
    "NON_FINITE_OBSERVATION",
    "UNSUPPORTED",
}


# What Python says of a `reset` of older times.
_TAKES_NO_SEED = re.compile(r"reset\(\) (got an unexpected keyword argument|takes no keyword argument)")
_RESETS = "Gymnasium's reset takes seed and options: def reset(self, *, seed=None, options=None)"


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
    info: Info
    #: With same-step autoreset the last observation and info of the episode that this step ended.
    final: tuple[Any, Info] | None = None


class EnvSlot(SlotState):
    def __init__(
        self,
        env: Simulator,
        index: int | None,
        row: int,
        reader: ReplyReader,
        max_episode_steps: int | None,
        autoreset_mode: str,
    ) -> None:
        """
        :param index: of the environment in a vector session, for errors
        :param row: among those of this process
        """
        super().__init__(autoreset_mode)
        self._env = env
        self._whose = "" if index is None else f" of environment {index}"
        self._action_space = env.action_space
        self._reader = reader
        self._max_episode_steps = math.inf if max_episode_steps is None else max_episode_steps
        self._elapsed_steps = 0
        self._step_name = f"step{self._whose}"
        self._converts_actions = not isinstance(env.action_space, spaces.Box)
        self._observation: Any = None
        self._rows: PlainRows | None = None
        self._row = row

    @property
    def observation(self) -> Any:
        """What the last reset or step returned, in memory of its own; None before the first."""
        return self._observation if self._rows is None else self._rows.row(self._row)

    def is_in(self, rows: PlainRows) -> None:
        """The last observation is this environment's among the rows of a step."""
        self._rows, self._observation = rows, None

    @property
    def is_unborn(self) -> bool:
        return self._observation is None and self._rows is None

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Info:
        """The reset's info; its observation is `observation`."""
        self.phase = "failed"
        what = f"reset{self._whose}"
        reply = guarded(what, lambda: self._env.reset(seed=seed, options=options))
        observation, info = guarded(what, lambda: self._reader.read_reset(reply, what))
        self.phase = "running"
        self._elapsed_steps = 0
        self._keep(observation)
        return info

    def step(self, action: Any, next_seed: int | None = None) -> SlotStep:
        """:param next_seed: of the reset that this step may bring; else it is ignored"""
        if self.ignores_action:
            info = self.reset(next_seed)
            return SlotStep(self.observation, 0.0, terminated=False, truncated=False, info=info)
        return self._after_step(self._step_once(action), next_seed)

    def _after_step(self, step: SlotStep, next_seed: int | None) -> SlotStep:
        if self.phase != "ended" or self._autoreset_mode != "same-step":
            return step
        info = self.reset(next_seed)
        return replace(step, observation=self.observation, info=info, final=(step.observation, step.info))

    def step_into(self, arrays: StepArrays, action: Any, next_seed: int | None = None) -> None:
        """
        As `step`, into a step of many environments. An observation that comes as its space has it is looked at later,
        when all are there (`arrays.unseen`), and is not yet `observation`.
        """
        if self.phase == "running":
            reply = self._act(action)
            is_last = self._elapsed_steps + 1 >= self._max_episode_steps
            # What a reset follows in the same step is read before.
            if (self._autoreset_mode != "same-step" or not (is_last or _ends(reply))) and arrays.take(self._row, reply):
                self._elapsed_steps += 1
                if is_last:
                    arrays.truncated[self._row] = True
                is_over = arrays.terminated[self._row] or arrays.truncated[self._row]
                self.phase = "ended" if is_over else "running"
                return
            step = self._after_step(self._read_step(reply), next_seed)
        else:
            step = self.step(action, next_seed)
        arrays.put(self._row, step.observation, step.reward, (step.terminated, step.truncated), step.info)
        if step.final is not None:
            arrays.finals.append((self._row, *step.final))

    def render(self) -> np.ndarray[Any, Any]:
        """uint8 [height, width, 3]"""
        if self.phase == "new":
            raise GymwireError("NOT_RESET", "render: the environment has not been reset yet")
        frame = guarded(f"render{self._whose}", self._draw)
        if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise GymwireError("ENV_FAILED", "render: the simulator must return uint8 [height, width, 3]")
        return frame

    def close(self) -> None:
        guarded(f"close{self._whose}", self._close)

    def _draw(self) -> Any:
        draw = getattr(self._env, "render", None)
        if draw is None:
            raise GymwireError("UNSUPPORTED", "this environment does not render")
        return draw()

    def _close(self) -> None:
        close = getattr(self._env, "close", None)
        if close is not None:
            close()

    def _step_once(self, action: Any) -> SlotStep:
        return self._read_step(self._act(action))

    def _act(self, action: Any) -> Any:
        """The simulator's reply. The environment has failed until that has been read."""
        self.phase = "failed"
        own = to_env_action(self._action_space, action) if self._converts_actions else action
        try:
            return self._env.step(own)
        except BaseException as thrown:
            fault = fault_of(self._step_name, thrown)
            if fault is thrown:
                raise
            raise fault from thrown

    def _keep(self, observation: Any) -> None:
        self._rows, self._observation = None, observation

    def _read_step(self, reply: Any) -> SlotStep:
        what = self._step_name
        observation, reward, terminated, is_cut, info = guarded(what, lambda: self._reader.read_step(reply, what))
        self._elapsed_steps += 1
        truncated = is_cut or self._elapsed_steps >= self._max_episode_steps
        self.phase = "ended" if terminated or truncated else "running"
        self._keep(observation)
        return SlotStep(observation, reward, terminated, truncated, info)


def guarded(what: str, call: Callable[[], Any]) -> Any:
    """
    A call into code that is not ours; faults of the simulator get its own message. Also what is no Exception: a
    `sys.exit` in a step is the end of that step, and not of the process.
    """
    try:
        return call()
    except BaseException as thrown:
        fault = fault_of(what, thrown)
        if fault is thrown:
            raise
        raise fault from thrown


def fault_of(what: str, thrown: BaseException) -> GymwireError:
    """What a call into code that is not ours has failed with, to be raised from it."""
    if not isinstance(thrown, GymwireError):
        text = describe_exception(thrown)
        remedy = f": {_RESETS}" if isinstance(thrown, TypeError) and _TAKES_NO_SEED.search(text) else ""
        return GymwireError("ENV_FAILED", f"{what}: the simulator failed: {text}{remedy}")
    if thrown.code in _CODES_OF_SIMULATORS:
        return thrown
    return GymwireError("ENV_FAILED", f"{what}: the simulator failed: {thrown}", thrown.details)


def _ends(reply: Any) -> bool:
    """Whether a step says that it was the last one, as far as that can be told before it is read."""
    if type(reply) is not tuple or len(reply) != 5:
        return True
    terminated, truncated = reply[2], reply[3]
    return not (_is_false(terminated) and _is_false(truncated))


def _is_false(flag: Any) -> bool:
    return flag is False or (type(flag) is np.bool_ and not flag)


def to_env_action(space: Space, action: Any) -> Any:
    """An integer that came in an array becomes the scalar that Gymnasium's Discrete spaces hold."""
    if isinstance(space, spaces.Discrete) and isinstance(action, np.ndarray):
        return np.dtype(space.dtype).type(integer_of(action))
    if isinstance(space, spaces.Dict):
        return {key: to_env_action(inner, action[key]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(to_env_action(inner, item) for inner, item in zip(space.spaces, action, strict=True))
    return action

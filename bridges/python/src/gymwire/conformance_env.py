"""gymwire/Conformance-v0, an environment that counts. docs/protocol.md specifies it for every language."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

CONFORMANCE_ID = "gymwire/Conformance-v0"

_MULTIPLIER = 6364136223846793005
_INCREMENT = 1442695040888963407
_SLOW_STEP_S = 0.5
_IMAGE_SHAPE = (1300, 1300, 3)

_COMMANDS = spaces.Box(np.array([-1, -8], np.float32), np.array([1, 8], np.float32), dtype=np.float32)
_COUNTS = spaces.Box(np.array([0, 0, 0, 0, -np.inf]), np.array([2**32 - 1, *4 * [np.inf]]), dtype=np.float64)


class ConformanceEnv(gymnasium.Env[Any, Any]):
    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 25}  # noqa: RUF012 -- gymnasium's own

    def __init__(
        self,
        info: bool = True,
        terminate_after: int = 0,
        reward_scale: float = 1.0,
        observation: str = "counts",
        offsets: list[float] | None = None,
        render_mode: str | None = None,
    ) -> None:
        self._arguments: dict[str, Any] = {
            "info": info,
            "terminate_after": terminate_after,
            "reward_scale": float(reward_scale),
            "observation": observation,
            "offsets": [float(offset) for offset in (offsets if offsets is not None else (0.0, 0.5))],
        }
        self._kind = observation
        self._state: int | None = None
        self._draw = self._step = self._steps = self._resets = 0
        self.echoes = 0
        self.render_mode = render_mode
        self.observation_space = _observation_space(observation)
        self.action_space = _echo_space() if observation == "echo" else _COMMANDS

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        if seed is not None:
            self._state = seed
        elif self._state is None:
            self._state = secrets.randbits(64)
        self._resets += 1
        if options is not None and options.get("fail") is True:
            raise RuntimeError("told to fail in reset")
        self._state = (_MULTIPLIER * self._state + _INCREMENT) % 2**64
        self._draw = self._state >> 32
        self._step = 0
        info = {"arguments": self._arguments, "options": options, "types": _every_type()}
        return self._observe(0.0, _echo_start()), info if self._arguments["info"] else {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._step += 1
        self._steps += 1
        first, command = (0.0, 0.0) if self._kind == "echo" else (float(action[0]), float(action[1]))
        if command == 4:
            raise RuntimeError("told to fail in step")
        if command == 8:
            time.sleep(_SLOW_STEP_S)
        observation = self._observe(first, action)
        if self._kind == "counts" and command == 5:
            observation[0] = np.nan
        if self._kind == "counts" and command == 7:
            observation = observation[:4]
        reward = float("nan") if command == 6 else self._arguments["reward_scale"] * (self._step / 3 - first)
        terminated = command in {1, 3} or self._step == self._arguments["terminate_after"]
        info = {"step": self._step} if self._arguments["info"] else {}
        return observation, reward, terminated, command in {2, 3}, info

    @property
    def steps(self) -> int:
        return self._steps

    def echo(self, *arguments: Any, **keywords: Any) -> list[Any]:
        """The list of its arguments, and of its keyword arguments as a dictionary after them."""
        self.echoes += 1
        if arguments[:1] == ("fail",):
            raise RuntimeError("told to fail in echo")
        if arguments[:1] == ("slow",):
            time.sleep(_SLOW_STEP_S)
        return [*arguments, keywords] if keywords else list(arguments)

    def render(self) -> Any:
        """uint8 [4, 6, 3]"""
        frame = np.empty((4, 6, 3), np.uint8)
        frame[..., 0] = self._step % 256
        frame[..., 1] = 10 * np.arange(4)[:, None]
        frame[..., 2] = 10 * np.arange(6)
        return frame

    def _observe(self, first: float, echo: Any) -> Any:
        if self._kind == "echo":
            return echo
        if self._kind == "image":
            size = int(np.prod(_IMAGE_SHAPE))
            return ((np.arange(size) + self._step) % 251).astype(np.uint8).reshape(_IMAGE_SHAPE)
        return np.array([self._draw, self._step, self._steps, self._resets, first], np.float64)


def _observation_space(kind: str) -> Any:
    if kind == "counts":
        return _COUNTS
    if kind == "echo":
        return _echo_space()
    return spaces.Box(0, 255, _IMAGE_SHAPE, np.uint8)


def _echo_space() -> spaces.Dict:
    return spaces.Dict(
        OrderedDict(
            angle=spaces.Box(-1, 1, (), np.float64),
            choice=spaces.Discrete(5, start=-2),
            flags=spaces.MultiBinary([3]),
            gears=spaces.MultiDiscrete(np.array([3, 4]), start=np.array([0, -1])),
            matrix=spaces.Box(-np.inf, np.inf, (2, 3), np.float32),
            pair=spaces.Tuple((spaces.Box(-300, 300, (2,), np.int16), spaces.Discrete(2))),
            word=spaces.Text(min_length=1, max_length=3, charset="abé😀"),
        )
    )


def _echo_start() -> dict[str, Any]:
    return {
        "angle": np.array(0.5),
        "choice": -2,
        "flags": np.array([1, 0, 1], np.int8),
        "gears": np.array([2, -1], np.int64),
        "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
        "pair": (np.array([-300, 300], np.int16), 1),
        "word": "é😀",
    }


def _every_type() -> dict[str, Any]:
    """One value of each type that the wire knows."""
    deep: Any = 1
    for _ in range(20):
        deep = [deep]
    return {
        "null": None,
        "false": False,
        "true": True,
        "int_min": -(2**63),
        "int_max": 2**63 - 1,
        "float": 0.1,
        "float_whole": 3.0,
        "float_negative_zero": -0.0,
        "float_infinity": float("inf"),
        "float_nan": float("nan"),
        "string": "größe 😀",
        "string_empty": "",
        "bytes": b"\x00\xff\x80",
        "scalar_float32": np.float32(0.1),
        "scalar_float64": np.float64(0.1),
        "scalar_int64": np.int64(-(2**63)),
        "scalar_bool": np.bool_(True),
        "list": [1, 1.0, "1", True],
        "list_empty": [],
        "tuple": (1, (2,), []),
        "dict": {"b": 1, "a": {"": None}},
        "deep": deep,
        "tensors": _tensors(),
    }


def _tensors() -> dict[str, Any]:
    integers = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64)
    limits = {np.dtype(one).name: np.array([np.iinfo(one).min, np.iinfo(one).max], one) for one in integers}
    return {
        "bool": np.array([False, True]),
        **limits,
        "float32": np.array([1 / 3, -0.0], np.float32),
        "float64": np.array([1 / 3, 2.0**-1074]),
        "point": np.array(0.25),
        "none": np.zeros((0, 3), np.float32),
        "matrix": np.array([[0, 1, 2], [10, 11, 12]], np.int32),
    }

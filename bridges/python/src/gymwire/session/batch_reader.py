"""
What a batch simulator returned → arrays that travel, looked at as a whole. What is wrong names the environment. The
arrays may be the simulator's own memory: they are encoded before it is called again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gymwire.codec.spaces import Space
from gymwire.errors import GymwireError
from gymwire.session.batch_members import find_batch_mismatch, to_batch
from gymwire.session.host_arrays import on_host
from gymwire.session.members import remedy_for
from gymwire.session.notes import Note, Notes
from gymwire.session.read_reply import LARGE_SIZE, LOOKS_AT_LARGE, ReplyRules, bad_reply, can_leave, size_of
from gymwire.session.space_member import Mismatch, describe_value

Array = np.ndarray[Any, Any]


class BatchReader:
    def __init__(self, space: Space, count: int, rules: ReplyRules, notes: Notes) -> None:
        """:param space: of one environment"""
        self._space = space
        self._count = count
        self._rules = rules
        self._notes = notes
        #: How often batches are still held to their bounds: many simulators leave those that they declare.
        self._looks: float = LOOKS_AT_LARGE if size_of(space) * count > LARGE_SIZE else math.inf
        if not can_leave(space):
            self._looks = 0

    def read_reset(self, reply: Any) -> tuple[Any, Mapping[Any, Any]]:
        """Observations and infos. Raises GymwireError ENV_FAILED, NON_FINITE_OBSERVATION."""
        if not isinstance(reply, tuple) or len(reply) != 2:
            raise bad_reply("reset", "(observations, infos)", reply)
        observations, infos = reply
        return self.observations(observations, "reset"), _dictionary(infos, "reset")

    def read_step(self, reply: Any) -> tuple[Any, Array, Array, Array, Mapping[Any, Any]]:
        """As `read_reset`; rewards are float64 [n], flags bool [n]."""
        if not isinstance(reply, tuple) or len(reply) != 5:
            raise bad_reply("step", "(observations, rewards, terminations, truncations, infos)", reply)
        observations, rewards, terminated, truncated, infos = reply
        return (
            self.observations(observations, "step"),
            self._rewards(rewards),
            self._row(terminated, "terminations", "b", "bools"),
            self._row(truncated, "truncations", "b", "bools"),
            _dictionary(infos, "step"),
        )

    def observations(self, given: Any, what: str, rows: Sequence[int] | None = None) -> Any:
        """
        :param what: names the call in errors
        :param rows: which environments they are the last observations of; None: all, and not the last
        """
        name, indices = ("observation", range(self._count)) if rows is None else ("final observation", rows)
        batch = to_batch(self._space, given, casts=self._rules.cast_observations)
        looks = self._looks > 0
        wrong = find_batch_mismatch(self._space, batch, name, indices, bounds=looks)
        self._looks -= looks
        if wrong is not None and wrong.kind == "bounds":
            self._looks = 0
            text = f"{wrong.message}; observations outside their Box are passed on as they are"
            self._notes.add(Note(f"bounds {name}", text))
            wrong = find_batch_mismatch(self._space, batch, name, indices, bounds=False)
        if wrong is None:
            return batch
        code = "NON_FINITE_OBSERVATION" if wrong.kind == "non-finite" else "ENV_FAILED"
        message = f"{what}: the simulator returned bad observations: {wrong.message}{_remedy_for(wrong)}"
        raise GymwireError(code, message, wrong.details)

    def _rewards(self, rewards: Any) -> Array:
        with np.errstate(over="ignore"):
            own = self._row(rewards, "rewards", "iuf", "numbers").astype(np.float64, copy=False)
        finite = np.isfinite(own)
        if np.count_nonzero(finite) == self._count:
            return own
        index = int(np.flatnonzero(~finite)[0])
        raise GymwireError(
            "NON_FINITE_OBSERVATION",
            f"step of environment {index}: the simulator returned the reward {own[index]}",
        )

    def _row(self, value: Any, name: str, kinds: str, expected: str) -> Array:
        """One an environment."""
        given = on_host(value)
        array = np.asarray(given) if isinstance(given, (tuple, list)) else given
        is_array = isinstance(array, np.ndarray) and not isinstance(array, np.ma.MaskedArray)
        if is_array and array.shape == (self._count,) and array.dtype.kind in kinds:
            return array
        got = describe_value(array)
        raise GymwireError(
            "ENV_FAILED", f"step: the simulator must return {name} as {expected} [{self._count}], got {got}"
        )


def _dictionary(infos: Any, what: str) -> Mapping[Any, Any]:
    if isinstance(infos, Mapping):
        return infos
    got = describe_value(infos)
    raise GymwireError("ENV_FAILED", f"{what}: the simulator must return infos as one dictionary, got {got}")


def _remedy_for(wrong: Mismatch) -> str:
    """What to do where an array is refused for its dtype alone."""
    if not isinstance(wrong.value, np.ndarray) or wrong.value.ndim == 0 or len(wrong.value) == 0:
        return ""
    return remedy_for(wrong.space, wrong.value[0]).replace("wrappers.Dtype", "wrappers.vector.Dtype")

"""
What a simulator returned → a reply of the server's own. A reply that cannot travel is the simulator's fault, and must
be found before it counts as given. Nothing is kept by reference: simulators write into their arrays again.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.packed_infos import PlainInfo, plain_info
from gymwire.codec.spaces import Space
from gymwire.codec.values import Foreign, TooLargeError, encode_entries, encode_what_travels, plain_of
from gymwire.errors import GymwireError, safe_repr
from gymwire.session.members import remedy_for, to_member
from gymwire.session.notes import Note, Notes
from gymwire.session.plain_rows import PlainRows
from gymwire.session.space_member import Mismatch, describe_value, find_mismatch
from gymwire.v1 import value_pb2

#: The key that names what is missing of an info: a dictionary of paths, and why.
LEFT_OUT_KEY = "gymwire_left_out"

#: Of one info.
_MAX_NAMED = 100

_FLOATS = (float, np.float64, np.float32)

#: An info goes with every step; as in TypeScript's server.
MAX_INFO_ENTRIES = 10_000
MAX_INFO_BYTES = 16 * 2**20

# Larger observations, pictures for instance, are held to their bounds a few times only.
LARGE_SIZE = 4096
LOOKS_AT_LARGE = 100

#: Encoded, or copied: what the simulator does to its own dictionaries and arrays from now on is not in it.
Info = PlainInfo | value_pb2.DictValue

#: Shared: messages that it goes into copy it.
NO_INFO = value_pb2.DictValue()


@dataclass(frozen=True)
class ReplyRules:
    """What an operator says of the simulators that he serves."""

    #: What has no place on the wire fails the call, instead of being left out of its info.
    strict_info: bool = False
    #: Observations of another dtype than their space's are cast, also where digits are lost.
    cast_observations: bool = False
    #: A reply that is larger has no message that could carry it.
    max_message_bytes: int = 64 * 2**20
    #: Processes that the environments of a vector session are spread over.
    workers: int = 1
    #: Of a process that has a part of a session: the number of its first environment there.
    first_index: int | None = None

    def dump(self) -> bytes:
        return json.dumps(dataclasses.astuple(self)).encode()

    @classmethod
    def load(cls, payload: bytes) -> ReplyRules:
        return cls(*json.loads(payload))


class ReplyReader:
    def __init__(self, space: Space, rules: ReplyRules, notes: Notes) -> None:
        self._space = space
        self._rules = rules
        self._notes = notes
        #: How often observations are still held to their bounds; see `_look`.
        self._looks: float = LOOKS_AT_LARGE if size_of(space) > LARGE_SIZE else math.inf
        if not can_leave(space):
            self._looks = 0

    def read_reset(self, reply: Any, what: str) -> tuple[Any, Info]:
        """
        Observation and info. Raises GymwireError ENV_FAILED, NON_FINITE_OBSERVATION.

        :param what: names the call in errors
        """
        if not isinstance(reply, tuple) or len(reply) != 2:
            raise bad_reply(what, "(observation, info)", reply)
        observation, info = reply
        return self._observation(observation, what), self.info(info, what)

    def read_step(self, reply: Any, what: str) -> tuple[Any, float, bool, bool, Info]:
        """As `read_reset`."""
        if not isinstance(reply, tuple) or len(reply) != 5:
            raise bad_reply(what, "(observation, reward, terminated, truncated, info)", reply)
        observation, reward, terminated, truncated, info = reply
        return (
            self._observation(observation, what),
            _checked_reward(reward, what),
            _checked_flag(terminated, "terminated", what),
            _checked_flag(truncated, "truncated", what),
            self.info(info, what),
        )

    def check_rows(self, rows: PlainRows, unseen: Sequence[int], what: Callable[[int], str]) -> dict[int, GymwireError]:
        """
        Looks at observations that came as their space has them, at all of them at once: what is wrong with them, by
        environment. One that is not finite, or the first that leaves its bounds, is looked for among them.
        """
        looks = self._looks > 0
        if rows.is_finite() and (not looks or rows.is_within()):
            self._looks -= len(unseen) if looks else 0
            return {}
        faults = {}
        for index in unseen:
            try:
                self._check(rows.row(index), what(index))
            except GymwireError as error:
                faults[index] = error
        return faults

    def _observation(self, observation: Any, what: str) -> Any:
        member = to_member(self._space, observation, casts=self._rules.cast_observations)
        self._check(member, what)
        return member

    def _check(self, member: Any, what: str) -> None:
        wrong = (
            self._look(member) if self._looks > 0 else find_mismatch(self._space, member, "observation", bounds=False)
        )
        if wrong is None:
            return
        code = "NON_FINITE_OBSERVATION" if wrong.kind == "non-finite" else "ENV_FAILED"
        remedy = remedy_for(wrong.space, wrong.value)
        message = f"{what}: the simulator returned a bad observation: {wrong.message}{remedy}"
        raise GymwireError(code, message, wrong.details)

    def _look(self, member: Any) -> Mismatch | None:
        """
        Observations outside their Box pass: many simulators leave the bounds that they declare, and Gymnasium lets
        them. The operator is told once, since a learner that scales by the bounds gets what it does not expect.
        """
        self._looks -= 1
        wrong = find_mismatch(self._space, member, "observation", bounds=True)
        if wrong is None or wrong.kind != "bounds":
            return wrong
        self._looks = 0
        text = f"{wrong.message}; observations outside their Box are passed on as they are"
        self._notes.add(Note(f"bounds {wrong.details['where']}", text))
        return find_mismatch(self._space, member, "observation", bounds=False)

    def info(self, info: Any, what: str) -> Info:
        """One environment's, encoded. Raises GymwireError ENV_FAILED."""
        # Most steps have none, and 256 environments a request feel every microsecond.
        if type(info) is dict:
            if not info:
                return NO_INFO
            plain = plain_info(info)
            if plain is not None:
                return plain
        if not isinstance(info, Mapping):
            expected = "an observation and an info dictionary"
            message = f"{what}: the simulator must return {expected}, got the info {describe_value(info)}"
            raise GymwireError("ENV_FAILED", message)
        try:
            entries, foreign = encode_what_travels(info, "info", max_entries=MAX_INFO_ENTRIES, max_bytes=MAX_INFO_BYTES)
        except TooLargeError as error:
            message = f"{what}: the simulator returned too large an info: {error.message}"
            raise GymwireError("ENV_FAILED", message) from None
        if not foreign:
            return value_pb2.DictValue(entries=entries)
        first = foreign[0]
        if entries is None or self._rules.strict_info:
            message = f"{what}: the simulator returned an info that cannot travel: {first.path}: {first.why}"
            raise GymwireError("ENV_FAILED", message, {"where": first.path})
        for one in foreign[:_MAX_NAMED]:
            self._tell_left_out(one)
        kept = [entry for entry in entries if entry.key != LEFT_OUT_KEY]
        return value_pb2.DictValue(entries=[*kept, *encode_entries({LEFT_OUT_KEY: _named(foreign)})])

    def _tell_left_out(self, one: Foreign) -> None:
        strict = "(with --strict-info such a step fails)"
        text = f"{one.path} is left out of infos: {one.why} {strict}"
        self._notes.add_quote(one.path, text, f"something is left out of infos {strict}")


def size_of(space: Space) -> int:
    """Numbers in an observation, those of Boxes."""
    if isinstance(space, spaces.Box):
        return int(np.prod(space.shape))
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return sum(map(size_of, parts))
    return 0


def can_leave(space: Space) -> bool:
    """Whether its arrays can hold what is outside of it; a picture's bytes cannot."""
    if isinstance(space, spaces.Box):
        dtype = np.dtype(space.dtype)
        if dtype.kind not in "iu":
            return bool(np.isfinite(space.low).any() or np.isfinite(space.high).any())
        limits = np.iinfo(dtype)
        return bool((space.low > limits.min).any() or (space.high < limits.max).any())
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return any(map(can_leave, parts))
    return False


def _named(foreign: list[Foreign]) -> dict[str, str]:
    paths = {_printable(one.path): _printable(one.why) for one in foreign[:_MAX_NAMED]}
    return paths if len(foreign) <= _MAX_NAMED else {**paths, "…": f"and {len(foreign) - _MAX_NAMED} more"}


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _number_in(value: Any) -> Any:
    """What is one number in an array, or of another library, as NumPy's scalar; else what came."""
    if not isinstance(value, (np.ndarray, np.generic, bool, int, float, str)):
        plain = plain_of(value)
        value = value if plain is None else plain
    return value.reshape(())[()] if isinstance(value, np.ndarray) and value.size == 1 else value


def is_plain_reward(reward: Any) -> bool:
    return type(reward) in _FLOATS and math.isfinite(reward)


def _checked_reward(reward: Any, what: str) -> float:
    """`float` would make 1 of True and of "1"."""
    if is_plain_reward(reward):
        return float(reward)
    number = _number_in(reward)
    if isinstance(number, np.generic):
        is_number = number.dtype.kind in "iuf"
    else:
        is_number = hasattr(type(number), "__float__") and not isinstance(number, (bool, np.ndarray))
    if not is_number:
        got = describe_value(reward)
        raise GymwireError("ENV_FAILED", f"{what}: the simulator must return a number as the reward, got {got}")
    try:
        value = float(number)
    except OverflowError:
        raise GymwireError("ENV_FAILED", f"{what}: the simulator returned a reward that no float can hold") from None
    if not math.isfinite(value):
        raise GymwireError("NON_FINITE_OBSERVATION", f"{what}: the simulator returned the reward {value}")
    return value


def _checked_flag(flag: Any, name: str, what: str) -> bool:
    """`bool` would make True of any text, also of "no". Gymnasium asks for bool or numpy.bool_."""
    if flag is True or flag is False:
        return flag
    found = _number_in(flag)
    if isinstance(found, (bool, np.bool_)):
        return bool(found)
    got = describe_value(flag)
    raise GymwireError("ENV_FAILED", f"{what}: the simulator must return a bool as {name}, got {got}: bool() makes one")


def bad_reply(what: str, expected: str, reply: Any) -> GymwireError:
    """What came instead of a tuple of the right length."""
    got = describe_value(reply) if isinstance(reply, (tuple, list)) or reply is None else safe_repr(reply)
    return GymwireError("ENV_FAILED", f"{what}: the simulator must return {expected}, got {got}")

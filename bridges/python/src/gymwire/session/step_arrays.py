"""What a step of many environments comes to, gathered where it will be sent from."""

from __future__ import annotations

from typing import Any

import numpy as np

from gymwire.codec.packed_infos import PlainInfo, plain_info
from gymwire.session.plain_rows import PlainRows
from gymwire.session.read_reply import NO_INFO, Info, is_plain_reward

_BOOLS = (bool, np.bool_)


class StepArrays:
    def __init__(self, rows: PlainRows, count: int) -> None:
        self.rows = rows
        self.rewards = [0.0] * count
        self.terminated = bytearray(count)
        self.truncated = bytearray(count)
        #: By environment, those that are not empty.
        self.infos: list[tuple[int, Info]] = []
        #: Environment, last observation and info of the episodes that ended and were followed by a reset.
        self.finals: list[tuple[int, Any, Info]] = []
        #: Environments whose observations are yet to be looked at.
        self.unseen: list[int] = []

    def take(self, index: int, reply: Any) -> bool:
        """
        Whether the simulator's reply is as most are, but for what its observation holds: copied, and to be looked at.
        Else nothing has happened.
        """
        if type(reply) is not tuple or len(reply) != 5:
            return False
        observation, reward, terminated, truncated, info = reply
        if type(terminated) not in _BOOLS or type(truncated) not in _BOOLS or type(info) is not dict:
            return False
        own: PlainInfo | None = None
        if info:
            own = plain_info(info)
            if own is None:
                return False
        if not is_plain_reward(reward) or not self.rows.take(index, observation):
            return False
        self.rewards[index] = reward
        self.terminated[index] = bool(terminated)
        self.truncated[index] = bool(truncated)
        if own is not None:
            self.infos.append((index, own))
        self.unseen.append(index)
        return True

    def put(self, index: int, observation: Any, reward: float, flags: tuple[bool, bool], info: Info) -> None:
        """A reply that was read the longer way."""
        self.rows.put(index, observation)
        self.rewards[index] = reward
        self.terminated[index], self.truncated[index] = flags
        if info is not NO_INFO:
            self.infos.append((index, info))

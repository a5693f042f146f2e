"""What a step asks of environments is checked for all of them before any moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gymwire.codec.spaces import Space
from gymwire.errors import GymwireError
from gymwire.session.batch import unstack
from gymwire.session.plain_actions import plain_actions
from gymwire.session.slot_state import SlotState
from gymwire.session.space_member import find_mismatch

#: What is wrong with an action → what its client is told.
MISMATCH_CODES = {
    "structure": "BAD_ACTION",
    "non-finite": "NON_FINITE_ACTION",
    "bounds": "ACTION_OUT_OF_BOUNDS",
}


def next_seeds_for(packed: bytes, count: int | None, autoreset_mode: str) -> list[int]:
    """
    Where no step resets anything, whoever gives a seed for that believes something else.

    :param count: of the environments of a vector session; None: a single one
    :raises GymwireError: INVALID_ARGUMENT
    """
    if count is None or autoreset_mode == "disabled":
        which = "a single session" if count is None else "the autoreset mode disabled"
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"step: next_seeds: a session that resets by itself has them, not {which}: seed its resets",
        )
    if len(packed) != 8 * count:
        raise GymwireError(
            "INVALID_ARGUMENT", f"step: next_seeds: expected {count} seeds of 8 bytes, got {len(packed)} bytes"
        )
    seeds: list[int] = np.frombuffer(packed, "<u8").tolist()
    return seeds


def checked_actions(
    space: Space, action: Any, count: int | None, states: Sequence[SlotState], *, bounds: bool, first: int = 0
) -> list[Any]:
    """
    One action an environment.

    :param count: of the environments of a vector session; None: a single one
    :param bounds: whether values outside a Box are wrong, too
    :param first: the number of the first environment, for errors
    :raises GymwireError: NOT_RESET, BAD_ACTION, NON_FINITE_ACTION, ACTION_OUT_OF_BOUNDS
    """
    for index, state in enumerate(states, first):
        if state.phase != "running" and state.obstacle is not None:
            name = "the environment" if count is None else f"environment {index}"
            raise GymwireError("NOT_RESET", f"step: {name} {state.obstacle}")
    actions: list[Any] | None = [action]
    if count is not None:
        plain = plain_actions(space, action, count, bounds=bounds)
        if plain is not None:
            return plain
        actions = unstack(space, action, count)
    if actions is None:
        raise GymwireError(
            "BAD_ACTION", f"step: expected a batch of {count} actions in the structure of the action space"
        )
    for index, (own, state) in enumerate(zip(actions, states, strict=True), first):
        if state.ignores_action:
            continue
        where = "action" if count is None else f"action of environment {index}"
        wrong = find_mismatch(space, own, where, bounds=bounds)
        if wrong is not None:
            raise GymwireError(MISMATCH_CODES[wrong.kind], f"step: {wrong.message}", wrong.details)
    return actions

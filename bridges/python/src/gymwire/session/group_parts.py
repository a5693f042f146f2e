"""What both kinds of groups do alike: spaces and results as messages, and what an environment has beside its calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gymnasium import spaces

from gymwire.codec.spaces import Space, encode_space
from gymwire.codec.values import encode_value
from gymwire.errors import GymwireError
from gymwire.session.render_mode import attribute_of
from gymwire.v1 import space_pb2, value_pb2


def encode_given(where: str, value: Any) -> value_pb2.Value:
    try:
        return encode_value(value, "result")
    except GymwireError as error:
        message = f"{where}: what it gave cannot travel: {error.message}"
        raise GymwireError("ENV_FAILED", message, error.details) from error


def described_space(name: str, space: Space) -> space_pb2.Space:
    try:
        return encode_space(space)
    except GymwireError as error:
        raise GymwireError("ENV_FAILED", f"the environment's {name} is no space: {error.message}") from error


def holds_texts(space: Space) -> bool:
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return any(map(holds_texts, parts))
    return isinstance(space, spaces.Text)


def detach_of(env: Any) -> Callable[[], None] | None:
    """Gymnasium's wrappers hand on the methods that they know, and no others."""
    unwrapped = attribute_of(env, "unwrapped")
    call = attribute_of(env if unwrapped is None else unwrapped, "detach")
    return call if callable(call) else None

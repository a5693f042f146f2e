"""Methods and attributes of remote simulators, out of those that their server lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gymwire.client.remote_session import RemoteSession
from gymwire.codec.values import decode_value, encode_entries, encode_value
from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2


class RemoteMethod:
    """
    A method of one remote environment, to be called like one of one's own. It happens once at most, as a step does.

    Raises GymwireError: ENV_FAILED with the method's own message, MALFORMED for an argument that cannot travel.
    """

    def __init__(self, session: RemoteSession, name: str) -> None:
        self._session = session
        self.__name__ = name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return call_method(self._session, self.__name__, arguments, keywords)[0]

    def __repr__(self) -> str:
        return f"<method {self.__name__} of {self._session.description.spec.id} on a server>"


def call_method(session: RemoteSession, name: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> list[Any]:
    """One result an environment. Raises GymwireError."""
    request = pb.CallMethodRequest(name=name)
    request.arguments.values.extend(
        _encoded(argument, f"{name}: argument {index}") for index, argument in enumerate(arguments)
    )
    if keywords:
        plain = {key: _plain(value) for key, value in keywords.items()}
        request.keyword_arguments.entries.extend(encode_entries(plain, f"{name}: arguments"))
    return _one_each(session, "result", session.call(request))


def read_attribute(session: RemoteSession, name: str) -> list[Any]:
    """One value an environment. Raises GymwireError."""
    return _one_each(session, "value", session.read(pb.ReadAttributeRequest(name=name)))


def member_of(session: RemoteSession, name: str) -> Any:
    """A method to call, or the value of an attribute. Raises AttributeError with what is listed."""
    spec = session.description.spec
    if name in spec.methods:
        return RemoteMethod(session, name)
    if name in spec.attributes:
        return read_attribute(session, name)[0]
    listed = ", ".join([*spec.methods, *spec.attributes]) or "nothing"
    raise AttributeError(f"{spec.id} on its server has no {name!r}, or does not list it; it lists: {listed}")


def _one_each(session: RemoteSession, what: str, values: Sequence[value_pb2.Value]) -> list[Any]:
    """Raises GymwireError MALFORMED where they are not one an environment."""
    description = session.description
    count = description.num_envs if description.HasField("num_envs") else 1
    if len(values) != count:
        raise GymwireError("MALFORMED", f"{what}: expected {count}, one an environment, got {len(values)}")
    return [decode_value(value, what) for value in values]


def _encoded(argument: Any, where: str) -> value_pb2.Value:
    return encode_value(_plain(argument), where)


def _plain(value: Any) -> Any:
    """Arrays of objects, such as a batch of infos, as lists; what says that it is an array (PyTorch, JAX) as one."""
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value] if value.dtype == object and value.ndim > 0 else value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        return np.asarray(value)
    return value

"""Methods called and attributes read on single environments of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from gymwire.codec.values import decode_entries, decode_value
from gymwire.errors import GymwireError
from gymwire.session.env_slot import Simulator, guarded
from gymwire.session.group_parts import encode_given
from gymwire.session.listed_members import member_of
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2


def method_call(
    request: pb.CallMethodRequest, envs: Sequence[Simulator], indices: Sequence[int]
) -> Callable[[int], value_pb2.Value]:
    """
    What calls the method of one of the environments that `indices` names, and raises what it raises.

    Raises what is wrong with the request, before anything is called.
    """
    name, where = request.name, f"call {request.name}"

    def arguments() -> tuple[list[Any], dict[str, Any]]:
        values = [decode_value(one, f"arguments[{i}]", 1) for i, one in enumerate(request.arguments.values)]
        return values, decode_entries(request.keyword_arguments.entries, "keyword_arguments", 1)

    def method_of(index: int) -> Any:
        method = guarded(where, partial(member_of, envs[index], name))
        if not callable(method):
            raise GymwireError("UNSUPPORTED", f"{where}: it is listed, and is no method of the environment")
        return method

    arguments()
    methods: Mapping[int, Any] = {index: method_of(index) for index in indices}

    def call_one(index: int) -> value_pb2.Value:
        # Decoded for each: a method may write into its arguments.
        values, keywords = arguments()
        return encode_given(where, guarded(where, lambda: methods[index](*values, **keywords)))

    return call_one


def attribute_value(name: str, env: Simulator) -> value_pb2.Value:
    """Raises GymwireError ENV_FAILED, UNSUPPORTED."""
    where = f"read {name}"
    return encode_given(where, guarded(where, lambda: member_of(env, name)))

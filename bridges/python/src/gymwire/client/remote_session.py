"""A session that is made anew when the server has lost it: what the two kinds of environments share."""

from __future__ import annotations

import contextlib
import logging
import operator
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import numpy as np

from gymwire.client.connection import Connection, ConnectionOptions
from gymwire.client.session_stream import LONGEST_CLOSE_S, Patience, SessionStream
from gymwire.codec.spaces import decode_space
from gymwire.errors import GymwireError, decode_error
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

_log = logging.getLogger("gymwire")

T = TypeVar("T")

SessionLoss = Literal["raise", "truncate"]


class SessionLostError(GymwireError):
    """
    The server lost the session in the middle of an episode (it restarted, or its simulator died): a new session is
    open, and waits for a reset. What the lost step would have led to is unknown.
    """

    def __init__(self, message: str) -> None:
        super().__init__("EPISODE_LOST", f"{message}; a new session was opened: reset it, and drop this episode")


class RemoteSession:
    def __init__(self, options: ConnectionOptions, request: pb.MakeSessionRequest) -> None:
        self._request = request
        self._connection = Connection(options)
        self._gives_seeds = False
        stream: SessionStream | None = None
        try:
            self.description, stream = self._make()
            self._stream = stream
            self.observation_space = decode_space(self.description.observation_space, "observation_space")
            self.action_space = decode_space(self.description.action_space, "action_space")
        except BaseException:
            if stream is not None:
                stream.close(LONGEST_CLOSE_S)
            self._connection.close()
            raise
        self._closed = False

    def reset(self, request: pb.ResetRequest) -> pb.ResetResponse:
        """A session that is gone is replaced: an episode is about to begin anyway."""
        self._check_open()
        try:
            return self._stream.reset(request)
        except GymwireError as error:
            if not _is_replaceable(error):
                raise
            self._replace(error)
        return self._stream.reset(request)

    def step(self, action: value_pb2.Value, next_seeds: bytes = b"") -> pb.StepResponse:
        """
        Raises SessionLostError when the session is gone and a new one is open, GymwireError UNSUPPORTED for seeds that
        this server is too old for.
        """
        self._check_open()
        if next_seeds:
            self._expect_step_seeds()
            self._gives_seeds = True
        return self._or_lost(lambda: self._stream.step(pb.StepRequest(action=action, next_seeds=next_seeds)))

    def render(self, env_index: int) -> value_pb2.Tensor:
        self._check_open()
        return self._stream.render(env_index)

    def call(self, request: pb.CallMethodRequest) -> list[value_pb2.Value]:
        """Raises what the method failed with; SessionLostError as `step`."""
        self._check_open()
        response = self._or_lost(lambda: self._stream.call(request))
        if response.HasField("fault"):
            raise decode_error(response.fault)
        return list(response.results)

    def read(self, request: pb.ReadAttributeRequest) -> list[value_pb2.Value]:
        """Raises SessionLostError as `step`."""
        self._check_open()
        return list(self._or_lost(lambda: self._stream.read(request)).values)

    def close(self) -> None:
        """A second close does nothing."""
        if not self._closed:
            self._closed = True
            self._stream.close()
            self._connection.close()

    def close_soon(self) -> None:
        """As `close`, for an environment that was dropped: told, but not waited for as for a reset."""
        if not self._closed:
            self._closed = True
            self._stream.close(patience_s=LONGEST_CLOSE_S)
            self._connection.close()

    def _or_lost(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except GymwireError as error:
            if not _is_replaceable(error):
                raise
            self._replace(error)
            raise SessionLostError(error.message) from error

    def _check_open(self) -> None:
        if self._closed:
            raise GymwireError("SESSION_GONE", "this environment was closed")

    def _replace(self, reason: GymwireError) -> None:
        _log.warning("%s; opening a new session", reason.message)
        self._stream.abandon()
        self._connection.renew()
        if self._gives_seeds:
            self._connection.shake_hands()
            self._expect_step_seeds()
        description, stream = self._make()
        spaces = ("observation_space", "action_space")
        if any(getattr(description, name) != getattr(self.description, name) for name in spaces):
            stream.close()
            raise GymwireError(
                "MALFORMED",
                f"the server at {self._connection.address} came back with other spaces for this environment",
            )
        self.description, self._stream = description, stream

    def _expect_step_seeds(self) -> None:
        """A server without that capability would ignore them without a word."""
        if "step-seeds" not in self._connection.server.capabilities:
            raise GymwireError(
                "UNSUPPORTED",
                f"step: next_seeds: the server at {self._connection.address} is older than seeds with a step (it has "
                "not the capability step-seeds): reset with a mask and seeds instead",
            )

    def _make(self) -> tuple[pb.MakeSessionResponse, SessionStream]:
        """
        Again and again where the connection breaks meanwhile. What a server made without being able to say so is
        closed when it is idle for too long.
        """
        patience = Patience(self._connection)
        while True:
            try:
                description = self._connection.make_session(self._request)
                return description, self._attach(description.session_id)
            except GymwireError as error:
                if not _is_cut(error):
                    raise
                patience.pause(error)
            self._connection.renew()

    def _attach(self, session_id: str) -> SessionStream:
        """A session that no stream can be attached to is not left behind."""
        try:
            return SessionStream(self._connection, session_id)
        except BaseException:
            with contextlib.suppress(GymwireError):
                self._connection.close_session(session_id, LONGEST_CLOSE_S)
            raise


def _is_cut(error: GymwireError) -> bool:
    """Whether the connection broke. A server's own INTERNAL would come again; gRPC's says that the call was cut off."""
    return error.origin == "transport" and error.code in ("SERVER_UNAVAILABLE", "INTERNAL")


def _is_replaceable(error: GymwireError) -> bool:
    """Whether another session may take the place of one that is gone: not where somebody wanted it to end."""
    return error.code == "SESSION_GONE" and "ended_by" not in error.details


def connection_options(address: str, options: dict[str, Any]) -> ConnectionOptions:
    """Raises GymwireError INVALID_ARGUMENT, naming what is unknown."""
    unknown = options.keys() - ConnectionOptions.__dataclass_fields__.keys()
    if unknown:
        known = ", ".join(ConnectionOptions.__dataclass_fields__)
        raise GymwireError("INVALID_ARGUMENT", f"unknown options {', '.join(sorted(unknown))}; known are {known}")
    return ConnectionOptions(address, **options)


def out_of_bounds_rule(name: str) -> pb.OutOfBoundsRule:
    rules = {"pass": pb.OUT_OF_BOUNDS_RULE_PASS, "reject": pb.OUT_OF_BOUNDS_RULE_REJECT}
    if name not in rules:
        raise GymwireError("INVALID_ARGUMENT", f"out_of_bounds_rule: expected pass or reject, got {name!r}")
    return rules[name]


def seed_of(seed: Any) -> int:
    return whole_number("seed", seed, 0, 2**64 - 1)


def step_limit_of(max_episode_steps: Any) -> int | None:
    """The wire's 0 is no limit; so is -1, as with gymnasium.make."""
    if max_episode_steps is None:
        return None
    return max(0, whole_number("max_episode_steps", max_episode_steps, -1, 2**32 - 1))


def whole_number(name: str, value: Any, minimum: int, maximum: int) -> int:
    """Raises GymwireError INVALID_ARGUMENT for what the wire's field cannot hold."""
    if not isinstance(value, (bool, np.bool_)) and hasattr(value, "__index__"):
        number = operator.index(value)
        if minimum <= number <= maximum:
            return number
    raise GymwireError(
        "INVALID_ARGUMENT",
        f"{name}: expected an integer from {minimum} to {maximum}, got {value!r}",
        {"argument": name},
    )

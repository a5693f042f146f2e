"""Thrown → wire, the one place on this side."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from gymwire.errors import METADATA_KEY, STATUS_NAMES, GymwireError, encode_error
from gymwire.server.quiet_log import quiet_log

Context = Any  # grpc.aio.ServicerContext, generic in messages, which are bytes here


def to_gymwire_error(thrown: BaseException) -> GymwireError:
    """What is not ours reaches the log with its stack, the wire without."""
    if isinstance(thrown, GymwireError):
        # What a simulator is to blame for is in the log already, and the rest is between the client and its request.
        quiet_log.debug(f"answered with {thrown}")
        return thrown
    quiet_log.fault("fault in the server", thrown)
    return GymwireError("INTERNAL", "a fault in the server; its log has the details")


async def abort(context: Context, error: GymwireError) -> None:
    """The status of a failed call: the code first in its text, and the whole error in its metadata."""
    wire = encode_error(error)
    status = grpc.StatusCode[STATUS_NAMES.get(error.code, "INTERNAL")]
    code = error.code if error.code in STATUS_NAMES else "INTERNAL"
    # Else the request would lie in the frames of its tracebacks, whatever its size, until the collector comes.
    error.__traceback__ = error.__context__ = error.__cause__ = None
    try:
        await context.abort(status, f"{code}: {wire.message}", ((METADATA_KEY, wire.SerializeToString()),))
    except grpc.aio.InternalError:
        raise _nobody_is_there() from None


async def send(context: Context, message: bytes) -> None:
    """Returns when it is on its way. Raises asyncio.CancelledError where the caller is gone."""
    try:
        await context.write(message)
    except grpc.aio.InternalError:
        raise _nobody_is_there() from None


def _nobody_is_there() -> asyncio.CancelledError:
    """A caller that is gone is no fault: gRPC ends such a call as it ends a cancelled one, without a complaint."""
    return asyncio.CancelledError()

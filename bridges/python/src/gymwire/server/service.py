"""The RPCs: the stream, which is the hot path, and the unary calls, which end in the same session functions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message

from gymwire.errors import METADATA_KEY, STATUS_NAMES, GymwireError, encode_error
from gymwire.server.session import Session
from gymwire.server.session_store import Attachment, SessionStore
from gymwire.v1 import env_service_pb2 as pb
from gymwire.version import PACKAGE_VERSION, PROTOCOL_MAJOR, PROTOCOL_MINOR

SERVICE_NAME = "gymwire.v1.EnvService"

# A stream without a session serves nobody.
_ATTACH_TIMEOUT_S = 10.0

_log = logging.getLogger("gymwire")

Context = Any  # grpc.aio.ServicerContext, generic in messages of which the stream's are bytes


class EnvService:
    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._streams: set[_Stream] = set()

    def handlers(self) -> grpc.GenericRpcHandler:
        unary: dict[str, tuple[type[Message], Callable[[Any], Awaitable[Message]]]] = {
            "Handshake": (pb.HandshakeRequest, self._handshake),
            "ListEnvs": (pb.ListEnvsRequest, self._list_envs),
            "MakeSession": (pb.MakeSessionRequest, self._make_session),
            "Reset": (pb.ResetRequest, self._reset),
            "Step": (pb.StepRequest, self._step),
            "Render": (pb.RenderRequest, self._render),
            "CloseSession": (pb.CloseSessionRequest, self._close_session),
        }
        methods = {
            name: grpc.unary_unary_rpc_method_handler(
                _unary(handle),
                request_deserializer=request_type.FromString,
                response_serializer=lambda reply: reply.SerializeToString(),
            )
            for name, (request_type, handle) in unary.items()
        }
        # Bytes on both sides: replies come serialized from the session's process, and go on as they are.
        methods["Interact"] = grpc.stream_stream_rpc_method_handler(self._interact)
        return grpc.method_handlers_generic_handler(SERVICE_NAME, methods)

    def end_streams(self, error: GymwireError) -> None:
        """Ends every stream, after the request that is under way was answered."""
        for stream in list(self._streams):
            stream.end(error, at_once=False)

    async def _interact(self, _requests: Any, context: Context) -> None:
        stream = _Stream(self._store, context)
        self._streams.add(stream)
        try:
            await stream.serve()
        finally:
            self._streams.discard(stream)

    async def _handshake(self, request: pb.HandshakeRequest) -> pb.HandshakeResponse:
        theirs = request.protocol_version
        if theirs.major != PROTOCOL_MAJOR:
            raise GymwireError(
                "VERSION_MISMATCH",
                f"the client {request.client} speaks protocol {theirs.major}.{theirs.minor}, this server "
                f"(gymwire for Python {PACKAGE_VERSION}) {PROTOCOL_MAJOR}.{PROTOCOL_MINOR}",
            )
        return pb.HandshakeResponse(
            protocol_version=pb.ProtocolVersion(major=PROTOCOL_MAJOR, minor=PROTOCOL_MINOR),
            server=f"gymwire-python/{PACKAGE_VERSION}",
            capabilities=["vector", "render", "reattach", "take-over"],
            max_message_bytes=self._store.options.max_message_bytes,
            max_num_envs=self._store.options.max_num_envs,
        )

    async def _list_envs(self, _request: pb.ListEnvsRequest) -> pb.ListEnvsResponse:
        return pb.ListEnvsResponse(envs=self._store.registry.list())

    async def _make_session(self, request: pb.MakeSessionRequest) -> pb.MakeSessionResponse:
        return (await self._store.make(request)).description

    async def _reset(self, request: pb.ResetRequest) -> pb.ResetResponse:
        return (await self._ask(request.session_id, pb.InteractRequest(reset=request))).reset

    async def _step(self, request: pb.StepRequest) -> pb.StepResponse:
        return (await self._ask(request.session_id, pb.InteractRequest(step=request))).step

    async def _render(self, request: pb.RenderRequest) -> pb.RenderResponse:
        return (await self._ask(request.session_id, pb.InteractRequest(render=request))).render

    async def _close_session(self, request: pb.CloseSessionRequest) -> pb.CloseSessionResponse:
        await self._store.close(request.session_id)
        return pb.CloseSessionResponse()

    async def _ask(self, session_id: str, request: pb.InteractRequest) -> pb.InteractResponse:
        return pb.InteractResponse.FromString(await self._store.find(session_id).request(request))


class _Stream:
    """One stream attached to one session, one response for each request, in order."""

    def __init__(self, store: SessionStore, context: Context) -> None:
        self._store = store
        self._context = context
        loop = asyncio.get_running_loop()
        #: Set when the stream is to end between two requests, and when it is to end at once.
        self._ending: asyncio.Future[GymwireError] = loop.create_future()
        self._ended: asyncio.Future[GymwireError] = loop.create_future()

    def end(self, error: GymwireError, *, at_once: bool) -> None:
        for future in (self._ending, self._ended) if at_once else (self._ending,):
            if not future.done():
                future.set_result(error)

    async def serve(self) -> None:
        attachment: Attachment | None = None
        try:
            attachment = await self._attach()
            if attachment is not None:
                await self._answer(attachment.session)
        except _StreamEnds as end:
            if attachment is not None:
                attachment.detach()
            await abort(self._context, end.error)
        finally:
            if attachment is not None:
                attachment.detach()

    async def _attach(self) -> Attachment | None:
        try:
            message = await asyncio.wait_for(self._read(), _ATTACH_TIMEOUT_S)
        except asyncio.TimeoutError:
            raise _StreamEnds(GymwireError("MALFORMED", "the stream did not attach to a session in time")) from None
        if message is None:
            return None
        try:
            request = _parse(message)
            if request.WhichOneof("request") != "attach":
                raise GymwireError("MALFORMED", "the first message of a stream must attach")
            replaced = GymwireError("SESSION_BUSY", "another stream has taken this session over")
            attachment = self._store.attach(
                request.attach.session_id,
                lambda: self.end(replaced, at_once=True),
                take_over=request.attach.take_over,
            )
        except Exception as thrown:
            # Without a session there is nothing to keep the stream open for.
            raise _StreamEnds(to_gymwire_error(thrown)) from thrown
        attached = pb.AttachResponse(last_sequence=attachment.session.last_sequence)
        await self._write(pb.InteractResponse(attach=attached).SerializeToString())
        return attachment

    async def _answer(self, session: Session) -> None:
        while (message := await self._read()) is not None:
            try:
                request = _parse(message)
                is_close = request.WhichOneof("request") == "close"
                work = self._close(session) if is_close else session.request(request)
                response = await self._unless_ended(work)
            except _StreamEnds:
                raise
            except Exception as thrown:  # noqa: BLE001 -- a request that fails becomes an error response
                is_close = False
                error = encode_error(to_gymwire_error(thrown))
                response = pb.InteractResponse(error=error).SerializeToString()
            await self._write(response)
            if is_close:
                return

    async def _close(self, session: Session) -> bytes:
        await self._store.close(session.id)
        return pb.InteractResponse(close=pb.CloseSessionResponse()).SerializeToString()

    async def _read(self) -> bytes | None:
        """The next message; None when the client has said everything."""
        read = asyncio.ensure_future(self._context.read())
        either: list[asyncio.Future[Any]] = [read, self._ending]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._ending.done():
            read.cancel()
            raise _StreamEnds(self._ending.result())
        message = read.result()
        return None if message is grpc.aio.EOF else message

    async def _unless_ended(self, work: Awaitable[bytes]) -> bytes:
        """A stream that lost its session answers nobody, but what it began is carried out."""
        task = asyncio.ensure_future(work)
        # Asked for, so that asyncio does not complain when gRPC ends this call first.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        either: list[asyncio.Future[Any]] = [task, self._ended]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            task.cancel()
            raise _StreamEnds(self._ended.result())
        return task.result()

    async def _write(self, response: bytes) -> None:
        await self._context.write(response)


class _StreamEnds(Exception):  # noqa: N818 -- a turn of events, not an error of its own
    def __init__(self, error: GymwireError) -> None:
        super().__init__(error)
        self.error = error


def to_gymwire_error(thrown: BaseException) -> GymwireError:
    """Thrown → wire, the one place on this side: what is not ours reaches the log with its stack, the wire without."""
    if isinstance(thrown, GymwireError):
        if thrown.code == "ENV_FAILED":
            _log.warning("%s", thrown.message)
        return thrown
    _log.error("fault in the server", exc_info=thrown)
    return GymwireError("INTERNAL", "a fault in the server; its log has the details")


async def abort(context: Context, error: GymwireError) -> None:
    """The status of a failed call: the code first in its text, and the whole error in its metadata."""
    wire = encode_error(error)
    status = grpc.StatusCode[STATUS_NAMES.get(error.code, "INTERNAL")]
    code = error.code if error.code in STATUS_NAMES else "INTERNAL"
    await context.abort(status, f"{code}: {wire.message}", ((METADATA_KEY, wire.SerializeToString()),))


def _unary(
    handle: Callable[[Any], Awaitable[Message]],
) -> Callable[[Any, Context], Awaitable[Message | None]]:
    async def answer(request: Any, context: Context) -> Message | None:
        try:
            return await handle(request)
        except Exception as thrown:  # noqa: BLE001 -- every failure becomes a status
            error = to_gymwire_error(thrown)
        await abort(context, error)
        return None

    return answer


def _parse(message: bytes) -> pb.InteractRequest:
    try:
        return pb.InteractRequest.FromString(message)
    except DecodeError as error:
        raise GymwireError("MALFORMED", f"a message that is no InteractRequest: {error}") from error

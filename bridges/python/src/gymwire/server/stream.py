"""The hot path: one stream attached to one session, one response for each request, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import grpc

from gymwire.errors import GymwireError, encode_error
from gymwire.server.envelope import Request, decode_small, read_interact_request
from gymwire.server.rpc_errors import Context, abort, send, to_gymwire_error
from gymwire.server.session import Session
from gymwire.server.session_store import Attachment, SessionStore
from gymwire.v1 import env_service_pb2 as pb

# A stream without a session serves nobody.
_ATTACH_TIMEOUT_S = 10.0


class Stream:
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
        ended: GymwireError | None = None
        try:
            attachment = await self._attach()
            if attachment is not None:
                await self._answer(attachment.session)
        except _StreamEnds as end:
            ended = end.error
        finally:
            if attachment is not None:
                attachment.detach()
        # Not in the clause above: what it caught refers to frames with requests in them.
        if ended is not None:
            await abort(self._context, ended)

    async def _attach(self) -> Attachment | None:
        try:
            message = await asyncio.wait_for(self._read(), _ATTACH_TIMEOUT_S)
        except asyncio.TimeoutError:
            raise _StreamEnds(GymwireError("MALFORMED", "the stream did not attach to a session in time")) from None
        if message is None:
            return None
        try:
            attach = _attach_in(read_interact_request(message))
            attachment = self._store.attach(
                attach.session_id,
                lambda reason: self.end(reason, at_once=True),
                take_over=attach.take_over,
            )
        except Exception as thrown:
            # Without a session there is nothing to keep the stream open for.
            raise _StreamEnds(to_gymwire_error(thrown)) from thrown
        attached = pb.AttachResponse(last_sequence=attachment.session.last_sequence)
        await self._write(pb.InteractResponse(attach=attached).SerializeToString())
        return attachment

    async def _answer(self, session: Session) -> None:
        while (message := await self._read()) is not None:
            is_close = False
            try:
                request = read_interact_request(message)
                is_close = request.kind == "close"
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
        read.add_done_callback(_hear)
        either: list[asyncio.Future[Any]] = [read, self._ending]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not read.done():
                read.cancel()
        if self._ending.done():
            raise _StreamEnds(self._ending.result())
        message = read.result()
        return None if message is grpc.aio.EOF else message

    async def _unless_ended(self, work: Awaitable[bytes]) -> bytes:
        """A stream that lost its session answers nobody, but what it began is carried out."""
        task = asyncio.ensure_future(work)
        task.add_done_callback(_hear)
        either: list[asyncio.Future[Any]] = [task, self._ended]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            task.cancel()
            raise _StreamEnds(self._ended.result())
        return task.result()

    async def _write(self, response: bytes) -> None:
        await send(self._context, response)


class _StreamEnds(Exception):  # noqa: N818 -- a turn of events, not an error of its own
    def __init__(self, error: GymwireError) -> None:
        super().__init__(error)
        self.error = error


def _hear(task: asyncio.Future[Any]) -> None:
    """So that asyncio does not complain of an error that nobody was left to hear, when gRPC ends the call first."""
    if not task.cancelled():
        task.exception()


def _attach_in(request: Request) -> pb.AttachRequest:
    if request.kind != "attach":
        raise GymwireError("MALFORMED", "the first message of a stream must attach")
    return decode_small(pb.AttachRequest, request.body)

"""The hot path: one stream attached to one session, one response for each request, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Literal

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
    """
    Made in the task that serves it. What ends a stream cancels what that task waits for: a task for each thing that it
    waits for, to be able to wait for its end as well, costs more than all else that the server does for a step.
    """

    def __init__(self, store: SessionStore, context: Context) -> None:
        self._store = store
        self._context = context
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a stream is served by a task")
        self._task = task
        #: Why the stream is to end between two requests, and why at once.
        self._ending: GymwireError | None = None
        self._ended: GymwireError | None = None
        #: What the task waits for, as long as that may be cancelled.
        self._waits_for: Literal["message", "answer"] | None = None

    def end(self, error: GymwireError, *, at_once: bool) -> None:
        """The first error that is given is what the client is told."""
        self._ending = self._ending or error
        if at_once:
            self._ended = self._ended or error
        if self._waits_for == "message" or (self._waits_for == "answer" and at_once):
            self._waits_for = None
            self._task.cancel()

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
        late = GymwireError("MALFORMED", "the stream did not attach to a session in time")
        timer = asyncio.get_running_loop().call_later(_ATTACH_TIMEOUT_S, lambda: self.end(late, at_once=False))
        try:
            message = await self._read()
        finally:
            timer.cancel()
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
        if self._ending is None:
            self._waits_for = "message"
            try:
                message = await self._context.read()
            except asyncio.CancelledError:
                self._expect_own_cancelling()
            finally:
                self._waits_for = None
        if self._ending is not None:
            raise _StreamEnds(self._ending)
        return None if message is grpc.aio.EOF else message

    async def _unless_ended(self, work: Awaitable[bytes]) -> bytes:
        """A stream that lost its session answers nobody, but what it began is carried out."""
        self._waits_for = "answer"
        try:
            response = await work
        except asyncio.CancelledError:
            self._expect_own_cancelling()
        finally:
            self._waits_for = None
        if self._ended is not None:
            raise _StreamEnds(self._ended)
        return response

    def _expect_own_cancelling(self) -> None:
        """In the handler of a CancelledError: raises it again where it is gRPC's, whose caller is gone."""
        if self._waits_for is not None:
            raise
        # Python 3.11 counts, and would take the next wait for cancelled too.
        uncancel = getattr(self._task, "uncancel", None)
        if uncancel is not None:
            uncancel()

    async def _write(self, response: bytes) -> None:
        await send(self._context, response)


class _StreamEnds(Exception):  # noqa: N818 -- a turn of events, not an error of its own
    def __init__(self, error: GymwireError) -> None:
        super().__init__(error)
        self.error = error


def _attach_in(request: Request) -> pb.AttachRequest:
    if request.kind != "attach":
        raise GymwireError("MALFORMED", "the first message of a stream must attach")
    return decode_small(pb.AttachRequest, request.body)

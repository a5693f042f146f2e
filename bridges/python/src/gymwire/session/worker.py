"""The process of one session: makes its environments, then carries out one request after the other."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any, BinaryIO

from google.protobuf.message import DecodeError, Message

from gymwire.codec.values import decode_entries
from gymwire.errors import GymwireError, describe_exception, encode_error
from gymwire.session.blame import blamed, report
from gymwire.session.env_group import EnvGroup
from gymwire.session.frames import DETACH, DONE, FAILED, NOTE, REPORT, Frame, read_request, write_reply
from gymwire.session.helpers import MARK, end_helpers, kill_all
from gymwire.session.listed_members import Recipe
from gymwire.session.own_ids import register_ids
from gymwire.session.read_reply import ReplyRules
from gymwire.session.render_mode import check_render_mode, modes_of, takes_render_mode
from gymwire.session.windows_job import take_helpers_along
from gymwire.v1 import env_service_pb2 as pb

#: How long environments may take to close when the server is gone; as long as it would wait itself.
_LAST_WORDS_S = 5.0


def main() -> None:
    source, sink = _take_pipes()
    _die_with(source)
    take_helpers_along()
    faulthandler.enable()
    # Ctrl-C reaches the whole group of a terminal; the server closes its sessions itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    own = os.getpid()
    group: EnvGroup | None = None
    try:
        first = read_request(source)
        second = read_request(source)
        third = read_request(source)
        if first is None or second is None or third is None:
            return
        try:
            group = _make(first[1], pb.MakeSessionRequest.FromString(second[1]), ReplyRules.load(third[1]))
            description = group.describe()
            description.spec.render_modes.extend(modes_of(group.first))
        except BaseException as thrown:  # noqa: BLE001 -- whatever a factory raises is for the client, sys.exit too
            _fail(sink, "", thrown, pb.MakeSessionRequest.FromString(second[1]))
            return
        write_reply(sink, DONE, description.SerializeToString())
        _serve(group, source, sink)
    except BrokenPipeError:
        # The server is gone: nobody is left to be told.
        return
    finally:
        if os.getpid() != own:
            # A fork of the simulator's that came back out of a step: the environments are not its to close.
            os._exit(1)
        if group is not None:
            with contextlib.suppress(GymwireError):
                group.close()
            with contextlib.suppress(OSError):
                _tell_notes(group, sink)
        _end_helpers_without_server(source)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the server; a simulator that prints writes to stderr instead, and one that reads gets nothing."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    if hasattr(os, "register_at_fork"):
        # A helper that was forked (one that is started anew does not inherit them) would steal what the server says,
        # and keep the pipes open when this process has died.
        def let_go() -> None:
            os.dup2(null, source.fileno(), inheritable=False)
            os.dup2(null, sink.fileno(), inheritable=False)

        os.register_at_fork(after_in_child=let_go)
    return source, sink


def _die_with(source: BinaryIO) -> None:
    """
    When the server is gone (kill -9, a closed terminal) the pipe ends. A simulator that hangs, or is still being made,
    does not read it, and would be left behind for ever.
    """
    if not hasattr(select, "poll"):
        return  # Windows cannot wait for the end of a pipe that another thread reads.

    def watch() -> None:
        _wait_for_end(source, None)
        time.sleep(_LAST_WORDS_S)
        if _leads_group():
            kill_all(os.getpid(), os.environ.get(MARK, ""))
        os._exit(1)

    threading.Thread(target=watch, name="gymwire-leash", daemon=True).start()


def _wait_for_end(source: BinaryIO, timeout_ms: int | None) -> bool:
    """Whether the server is gone by then."""
    ends = select.poll()
    # Nothing but the other side's end, which is always told.
    ends.register(source, 0)
    return len(ends.poll(timeout_ms)) > 0


def _end_helpers_without_server(source: BinaryIO) -> None:
    """The server does it, if it is there."""
    if hasattr(select, "poll") and _leads_group() and _wait_for_end(source, 0):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end_helpers(os.getpid(), os.environ.get(MARK, ""))


def _leads_group() -> bool:
    return hasattr(os, "getpgrp") and os.getpgrp() == os.getpid()


def _make(factory: bytes, request: pb.MakeSessionRequest, rules: ReplyRules) -> EnvGroup:
    ids, pickled = pickle.loads(factory)
    register_ids(ids)
    recipe: Recipe = pickle.loads(pickled)
    make = recipe.make
    envs: list[Any] = []
    try:
        for _ in range(request.num_envs if request.HasField("num_envs") else 1):
            # Each its own: a list among them may be written into.
            arguments = decode_entries(request.arguments, "arguments")
            if request.render_mode and takes_render_mode(make):
                arguments["render_mode"] = request.render_mode
            envs.append(make(**arguments))
            if request.render_mode:
                check_render_mode(envs[-1], request.render_mode)
        return EnvGroup(envs, request, recipe.members, rules)
    except BaseException:
        for env in envs:
            with contextlib.suppress(BaseException):
                env.close()
        raise


def _serve(group: EnvGroup, source: BinaryIO, sink: BinaryIO) -> None:
    for sequence, payload in _requests(group, source):
        # Decoded here and not by the server, which has others to serve.
        try:
            request = pb.InteractRequest.FromString(payload)
        except DecodeError as error:
            wrong = GymwireError("MALFORMED", f"a message that cannot be decoded: {error}")
            write_reply(sink, FAILED, encode_error(wrong).SerializeToString())
            continue
        if request.WhichOneof("request") == "close":
            return
        try:
            reply = _carry_out(group, request, sequence).SerializeToString()
        except Exception as thrown:  # noqa: BLE001 -- an error is an answer
            what = request.WhichOneof("request") or "request"
            _tell_notes(group, sink)
            _fail(sink, f"{what}: ", thrown, request)
        else:
            _tell_notes(group, sink)
            write_reply(sink, DONE, reply)


def _tell_notes(group: EnvGroup, sink: BinaryIO) -> None:
    for note in group.notes.take():
        write_reply(sink, NOTE, note.encode("utf-8", "backslashreplace"))


def _requests(group: EnvGroup, source: BinaryIO) -> Iterator[Frame]:
    """The frames but for those that say `detach`, which are acted on also while a request is under way."""
    if not group.listens_for_detach:
        while (frame := read_request(source)) is not None:
            if frame[1] != DETACH:
                yield frame
        return
    frames: SimpleQueue[Frame | None] = SimpleQueue()

    def read() -> None:
        frame: Frame | None = (0, b"")
        while frame is not None:
            frame = read_request(source)
            if frame is not None and frame[1] == DETACH:
                group.detach()
            else:
                frames.put(frame)
        # The server is gone, and its clients with it.
        group.detach()

    threading.Thread(target=read, name="gymwire-frames", daemon=True).start()
    while (waiting := frames.get()) is not None:
        yield waiting


def _carry_out(group: EnvGroup, request: pb.InteractRequest, sequence: int) -> pb.InteractResponse:
    kind = request.WhichOneof("request")
    if kind in {"step", "reset", "call"} and getattr(request, kind).sequence not in (0, sequence):
        raise GymwireError("MALFORMED", f"{kind}: expected the fields in the order of their numbers")
    if kind == "step":
        return pb.InteractResponse(step=group.step(request.step, sequence))
    if kind == "reset":
        return pb.InteractResponse(reset=group.reset(request.reset, sequence))
    if kind == "render":
        return pb.InteractResponse(render=group.render(request.render))
    if kind == "call":
        return pb.InteractResponse(call=_call(group, request.call, sequence))
    if kind == "read":
        return pb.InteractResponse(read=group.read(request.read))
    raise GymwireError("MALFORMED", "expected a reset, step, render, call, read or close")


def _call(group: EnvGroup, request: pb.CallMethodRequest, sequence: int) -> pb.CallMethodResponse:
    """Once methods are called, the request has been carried out: what they fail with is an answer."""
    call = group.call(request)
    try:
        return pb.CallMethodResponse(sequence=sequence, results=call())
    except Exception as thrown:  # noqa: BLE001
        fault = encode_error(_coded(thrown, f"call {request.name}: "))
        return pb.CallMethodResponse(sequence=sequence, fault=fault)


def _fail(sink: BinaryIO, where: str, thrown: BaseException, request: Message) -> None:
    """Tells the server, and its log before where the simulator is to blame."""
    error = _coded(thrown, where)
    if error.code in {"ENV_FAILED", "NON_FINITE_OBSERVATION"}:
        # A client's text is in no log that it could fill with lies; what a simulator says may quote it.
        is_ours = not _holds_text(request)
        line = f"{error.code}: {error.message}" if is_ours else f"{error.code} (its message is at the level debug)"
        report_text = f"{line}\n{report(error, with_message=is_ours)}"
        write_reply(sink, REPORT, report_text.encode("utf-8", "backslashreplace"))
    write_reply(sink, FAILED, encode_error(blamed(error)).SerializeToString())


def _coded(thrown: BaseException, where: str) -> GymwireError:
    if isinstance(thrown, GymwireError):
        return thrown
    error = GymwireError("ENV_FAILED", f"{where}{describe_exception(thrown)}")
    error.__cause__ = thrown
    return error


# Names in them are the operator's: of spaces and of arguments, which were checked.
_OPERATORS = {"session_id", "env_id", "render_mode"}


def _holds_text(message: Message, *, keys: bool = False) -> bool:
    """Whether a client could have written something into a request, other than numbers."""
    for field, value in message.ListFields():
        if field.name in _OPERATORS or (field.name == "key" and not keys):
            continue
        if field.message_type is not None:
            inner = value if field.is_repeated else (value,)
            if any(_holds_text(one, keys=keys or field.name == "options") for one in inner):
                return True
        elif value and (field.type == field.TYPE_STRING or field.full_name == "gymwire.v1.Value.bytes"):
            return True
    return False


if __name__ == "__main__":
    main()
    sys.exit(0)

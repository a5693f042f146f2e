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
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any, BinaryIO

from google.protobuf.message import DecodeError

from gymwire.codec.values import decode_entries
from gymwire.errors import GymwireError
from gymwire.session.batch_group import BatchGroup
from gymwire.session.batch_recipe import BatchRecipe
from gymwire.session.client_text import ClientText
from gymwire.session.env_group import EnvGroup
from gymwire.session.frames import DETACH, GO, PIPE_BYTES, Frame, read_request
from gymwire.session.helpers import MARK, end_helpers, kill_all
from gymwire.session.listed_members import Recipe
from gymwire.session.made_env import check_made
from gymwire.session.notes import Notes
from gymwire.session.own_ids import register_ids
from gymwire.session.read_reply import ReplyRules
from gymwire.session.render_mode import check_render_mode, modes_of, takes_render_mode
from gymwire.session.slot_state import tell_states
from gymwire.session.split_group import SplitGroup
from gymwire.session.teller import Teller
from gymwire.session.windows_job import take_helpers_along
from gymwire.v1 import env_service_pb2 as pb

#: One simulator for each environment, here or in several processes, or one for all of them.
Group = EnvGroup | SplitGroup | BatchGroup

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
    group: Group | None = None
    client_text = ClientText()
    try:
        first = read_request(source)
        second = read_request(source)
        third = read_request(source)
        if first is None or second is None or third is None:
            return
        request, rules = pb.MakeSessionRequest.FromString(second[1]), ReplyRules.load(third[1])
        client_text.hear(request)
        teller = Teller(sink, client_text, rules.max_message_bytes)
        try:
            group = _make_group(first[1], request, rules, client_text)
            description = group.describe()
            description.spec.render_modes.extend(modes_of(group.first))
            reply = teller.serialized(description, "its description")
        except BaseException as thrown:  # noqa: BLE001 -- whatever a factory raises is for the client, sys.exit too
            teller.fail(teller.blame(thrown, ""))
            return
        teller.done(reply)
        _serve(group, client_text, source, teller)
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
                Teller(sink, client_text, 0).last_notes(group.notes)
        _end_helpers_without_server(source)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the server; a simulator that prints writes to stderr instead, and one that reads gets nothing."""
    source = os.fdopen(os.dup(0), "rb", PIPE_BYTES)
    sink = os.fdopen(os.dup(1), "wb", PIPE_BYTES)
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


def _make_group(factory: bytes, request: pb.MakeSessionRequest, rules: ReplyRules, client_text: ClientText) -> Group:
    ids, pickled = pickle.loads(factory)
    register_ids(ids)
    recipe: Recipe | BatchRecipe = pickle.loads(pickled)
    if isinstance(recipe, BatchRecipe):
        # One simulator, however many processes others are spread over.
        return BatchGroup(recipe, request, rules, Notes(client_text))

    def make(share: pb.MakeSessionRequest, own_rules: ReplyRules) -> EnvGroup:
        return _make(recipe, share, own_rules, client_text)

    is_split = rules.workers > 1 and request.HasField("num_envs") and request.num_envs > 1
    return SplitGroup(factory, request, rules, make) if is_split else make(request, rules)


def _make(recipe: Recipe, request: pb.MakeSessionRequest, rules: ReplyRules, client_text: ClientText) -> EnvGroup:
    make = recipe.make
    envs: list[Any] = []
    try:
        for _ in range(request.num_envs if request.HasField("num_envs") else 1):
            # Each its own: a list among them may be written into.
            arguments = decode_entries(request.arguments, "arguments")
            if request.render_mode and takes_render_mode(make):
                arguments["render_mode"] = request.render_mode
            envs.append(make(**arguments))
            check_made(envs[-1])
            if request.render_mode:
                check_render_mode(envs[-1], request.render_mode)
        return EnvGroup(envs, request, recipe.members, rules, Notes(client_text))
    except BaseException:
        for env in envs:
            with contextlib.suppress(BaseException):
                env.close()
        raise


def _serve(group: Group, client_text: ClientText, source: BinaryIO, teller: Teller) -> None:
    # Of a part: what it was asked to call last. It is called when all parts have found that they can.
    held: Callable[[], bytes] | None = None
    for sequence, payload in _requests(group, source):
        if held is not None and payload == GO:
            _tell(group, teller, held())
            held = None
            continue
        held = None
        # Decoded here and not by the server, which has others to serve.
        try:
            request = pb.InteractRequest.FromString(payload)
        except DecodeError as error:
            teller.fail(GymwireError("MALFORMED", f"a message that cannot be decoded: {error}"))
            continue
        kind = request.WhichOneof("request")
        if kind == "close":
            return
        if kind == "step" and not group.acts_in_words:
            client_text.hear_numbers()
        else:
            client_text.hear(request)
        try:
            if kind == "call" and isinstance(group, EnvGroup) and group.is_part:
                held = _call(group, request.call, sequence, teller)
                reply = pb.InteractResponse(call=pb.CallMethodResponse()).SerializeToString()
            else:
                reply = _carry_out(group, request, sequence, teller)
        except Exception as thrown:  # noqa: BLE001 -- an error is an answer
            teller.notes(group.notes)
            _tell_states(group, teller)
            teller.fail(teller.blame(thrown, f"{kind or 'request'}: "))
        else:
            _tell(group, teller, reply)


def _tell(group: Group, teller: Teller, reply: bytes) -> None:
    teller.notes(group.notes)
    _tell_states(group, teller)
    teller.done(reply)


def _tell_states(group: Group, teller: Teller) -> None:
    """Of a part, to the session's process, which checks what is asked of all."""
    if isinstance(group, EnvGroup) and group.is_part:
        teller.states(tell_states(group.states))


def _requests(group: Group, source: BinaryIO) -> Iterator[Frame]:
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


def _carry_out(group: Group, request: pb.InteractRequest, sequence: int, teller: Teller) -> bytes:
    kind = request.WhichOneof("request")
    if kind in {"step", "reset", "call"} and getattr(request, kind).sequence not in (0, sequence):
        raise GymwireError("MALFORMED", f"{kind}: expected the fields in the order of their numbers")
    if kind == "step":
        return _moved(group, pb.InteractResponse(step=group.step(request.step, sequence)), "step", teller)
    if kind == "reset":
        return _moved(group, pb.InteractResponse(reset=group.reset(request.reset, sequence)), "reset", teller)
    if kind == "render":
        return teller.serialized(pb.InteractResponse(render=group.render(request.render)), "render: the picture")
    if kind == "call":
        return _call(group, request.call, sequence, teller)()
    if kind == "read":
        return teller.serialized(pb.InteractResponse(read=group.read(request.read)), "read: what it gave")
    raise GymwireError("MALFORMED", "expected a reset, step, render, call, read or close")


def _moved(group: Group, reply: pb.InteractResponse, what: str, teller: Teller) -> bytes:
    try:
        return teller.serialized(reply, f"{what}: the reply")
    except GymwireError:
        group.fail()
        raise


def _call(group: Group, request: pb.CallMethodRequest, sequence: int, teller: Teller) -> Callable[[], bytes]:
    """
    What calls the methods, and gives the answer. Once they are called, the request has been carried out: what they
    fail with is an answer. Raises what is wrong with the request.
    """
    call = group.call(request)

    def carry_out() -> bytes:
        try:
            reply = pb.CallMethodResponse(sequence=sequence, results=call())
            return teller.serialized(pb.InteractResponse(call=reply), "call: what it gave")
        except Exception as thrown:  # noqa: BLE001
            teller.notes(group.notes)
            fault = teller.fault(thrown, f"call {request.name}: ")
            return pb.InteractResponse(call=pb.CallMethodResponse(sequence=sequence, fault=fault)).SerializeToString()

    return carry_out


if __name__ == "__main__":
    main()
    sys.exit(0)

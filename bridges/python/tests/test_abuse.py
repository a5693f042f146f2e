"""What one client does to a server, others do not notice; and a server that ends tells so in time."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from sample_envs import Gated, Point

import gymwire
from gymwire import GymwireError
from gymwire.client.rpc_errors import from_rpc_error
from gymwire.codec.values import encode_value
from gymwire.errors import decode_error
from gymwire.server import call_limit, rpc_errors
from gymwire.server import health as health_module
from gymwire.server import server as server_module
from gymwire.server import service as service_module
from gymwire.server.env_process import Limit
from gymwire.server.envelope import read_interact_request, read_request
from gymwire.server.operator_client import OperatorClient
from gymwire.server.session import MAX_HELD_BYTES, MAX_WAITING, Session
from gymwire.server.shares import Shares
from gymwire.v1 import env_service_pb2 as pb

ACTION = np.array([0.5], np.float32)
SERVICE = "/gymwire.v1.EnvService/"
#: Against hanging only.
PATIENCE_S = 60


@pytest.fixture
def dial():
    """A channel of its own to a server; messages are bytes, or have their own bytes."""
    channels = []

    def open_channel(server):
        channels.append(grpc.insecure_channel(server.address, [("grpc.use_local_subchannel_pool", 1)]))
        return channels[-1]

    yield open_channel
    for channel in channels:
        channel.close()


def to_bytes(message):
    return message.SerializeToString() if isinstance(message, Message) else message


def unary(channel, name, reply=None):
    return channel.unary_unary(SERVICE + name, to_bytes, reply.FromString if reply else None)


def interact(channel, requests):
    call = channel.stream_stream(SERVICE + "Interact", to_bytes, pb.InteractResponse.FromString)
    return call(iter(requests), timeout=PATIENCE_S)


def step_request(env, x=0.5, sequence=0):
    request = pb.StepRequest(session_id=env._session.description.session_id, sequence=sequence)
    request.action.tensor.dtype = 10
    request.action.tensor.shape.append(1)
    request.action.tensor.data = np.float32(x).tobytes()
    return request


def failure(call, *arguments, **options):
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, timeout=PATIENCE_S, **options)
    return caught.value.code(), from_rpc_error(caught.value, "here")


@pytest.fixture
def gated(serve, remote, tmp_path):
    """A session whose step waits for a file, and one step under way in it."""
    folder = str(tmp_path)
    server = serve({"Gated-v0": lambda: Gated(folder), "Point-v0": Point})
    env = remote(server, "Gated-v0")
    env.reset()

    def begin(channel):
        first = unary(channel, "Step").future(step_request(env), timeout=PATIENCE_S)
        wait_for(lambda: (tmp_path / "started").exists())
        return first

    return server, env, begin, lambda: (tmp_path / "go").touch()


def wait_for(condition):
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def sessions_of(server):
    return [entry.session for entry in server._server._store._entries.values()]


def test_unary_calls_pile_up_to_a_bound_and_neighbours_go_on(gated, dial, remote):
    server, env, begin, open_gate = gated
    channel = dial(server)
    first = begin(channel)
    calls = [unary(channel, "Step").future(step_request(env), timeout=PATIENCE_S) for _ in range(40)]
    refused = 40 - MAX_WAITING
    wait_for(lambda: sum(call.done() for call in calls) >= refused)
    codes = [from_rpc_error(call.exception(), "here").code for call in calls if call.done()]
    assert codes == ["CAPACITY"] * refused
    neighbour = remote(server, "Point-v0")
    neighbour.reset()
    assert neighbour.step(ACTION)[0].tolist() == [0.5]
    open_gate()
    first.result()
    assert sum(call.exception() is None for call in calls) == MAX_WAITING


def test_calls_that_were_cancelled_while_they_waited_are_not_carried_out(gated, dial):
    server, env, begin, open_gate = gated
    channel = dial(server)
    first = begin(channel)
    calls = [unary(channel, "Step").future(step_request(env), timeout=PATIENCE_S) for _ in range(5)]
    (session,) = sessions_of(server)
    wait_for(lambda: session._waiting == 5)
    for call in calls:
        call.cancel()
    wait_for(lambda: session._waiting == 0)
    open_gate()
    first.result()
    reply = unary(channel, "Step", pb.StepResponse)(step_request(env), timeout=PATIENCE_S)
    assert reply.infos[0].info.entries[0].value.int == 2


def test_replies_that_nobody_reads_are_bounded_in_bytes():
    class Process:
        cause = None

        def ask(self, request, sequence, what, limit, over):
            asyncio.get_running_loop().call_soon(over, b"reply")

    async def play():
        session = Session(pb.MakeSessionResponse(), Process(), {"reset": Limit(1000, "reset_timeout_ms")})
        reset = read_request("reset", b"")
        session.hold(MAX_HELD_BYTES)
        with pytest.raises(GymwireError, match=r"CAPACITY.*read the replies first"):
            await session.request(reset)
        session.hold(-1)
        assert await session.request(reset) == b"reply"

    asyncio.run(play())


GARBAGE = [
    b"\xff\xff\xff",
    b"\x12\x05ab",
    b"\x0b",
    b"\x1a\x05\x10",
    bytes([0x0A, 0x02, 0xFF, 0xFE, 0x18, 0x01, 0x1A, 9]),
]


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("method", ["Handshake", "ListEnvs", "MakeSession", "Reset", "Step", "Render", "CloseSession"])
def test_an_undecodable_unary_request_is_malformed(serve, dial, caplog, method, garbage):
    server = serve(Point)
    status, error = failure(unary(dial(server), method), garbage)
    assert (status, error.code) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED")
    assert caplog.records == []


@pytest.mark.parametrize("garbage", [*GARBAGE, b"", b"\x18\x01"])
def test_an_undecodable_message_behind_pipelined_ones_is_malformed_and_the_stream_goes_on(serve, remote, dial, garbage):
    server = serve(Point)
    env = remote(server)
    attach = pb.AttachRequest(session_id=env._session.description.session_id, take_over=True)
    reset = pb.InteractRequest(reset=pb.ResetRequest(seed=1))
    requests = [pb.InteractRequest(attach=attach), reset, reset, garbage, reset]
    replies = list(interact(dial(server), requests))
    assert [reply.WhichOneof("response") for reply in replies] == ["attach", "reset", "reset", "error", "reset"]
    assert decode_error(replies[3].error).code == "MALFORMED"


def test_values_that_cannot_be_decoded_are_found_by_the_sessions_process(serve, remote, dial):
    env = remote(serve(Point))
    env.reset()
    # Well formed as far as the server looks: an action whose tensor is garbage.
    request = step_request(env).SerializeToString().replace(b"\x08\x0a\x12\x01\x01", b"\xff\xff\xff\xff\xff")
    status, error = failure(unary(dial(env._session._connection), "Step"), request)
    assert (status, error.code) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED")
    assert env.step(ACTION)[4] == {"steps": 1}


def test_a_sequence_number_behind_the_action_is_not_taken_for_none(serve, remote, dial):
    env = remote(serve(Point))
    env.reset()
    env.step(ACTION)
    request = step_request(env).SerializeToString() + b"\x10\x02"
    _, error = failure(unary(dial(env._session._connection), "Step"), request)
    assert error.code == "MALFORMED"
    assert env.step(ACTION)[4] == {"steps": 2}


def test_two_requests_in_one_message_are_read_as_protobuf_reads_them():
    step, reset = pb.InteractRequest(), pb.InteractRequest(reset=pb.ResetRequest(sequence=7))
    step.step.sequence = 3
    both = step.SerializeToString() + reset.SerializeToString()
    assert read_interact_request(both).kind == "reset"
    again = pb.InteractRequest(reset=pb.ResetRequest(seed=9)).SerializeToString()
    merged = read_interact_request(reset.SerializeToString() + b"\x7a\x01x" + again)
    assert pb.InteractRequest.FromString(merged.message) == pb.InteractRequest(
        reset=pb.ResetRequest(sequence=7, seed=9)
    )


def test_a_call_whose_request_never_comes_is_ended(serve, dial, monkeypatch):
    monkeypatch.setattr(service_module, "_REQUEST_TIMEOUT_S", 0.05)
    server = serve(Point)
    never = threading.Event()
    call = dial(server).stream_unary(SERVICE + "Step", to_bytes)
    status, error = failure(call, iter(lambda: never.wait(PATIENCE_S), True))
    never.set()
    assert (status, error.code) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED")


def test_one_connection_has_a_few_requests_read_at_a_time_and_others_are_served(serve, dial):
    server = serve(Point)
    slow, never = dial(server), threading.Event()
    calls = [
        slow.stream_unary(SERVICE + "Step", to_bytes).future(iter(lambda: never.wait(PATIENCE_S), True))
        for _ in range(20)
    ]
    rooms = server._server._service._rooms
    wait_for(lambda: sum(rooms._users.values()) == 20)
    unary(dial(server), "ListEnvs")(b"", timeout=PATIENCE_S)
    for call in calls:
        call.cancel()
    never.set()
    wait_for(lambda: not rooms._users)


def test_more_connections_than_the_cap_are_not_taken_and_one_that_ends_makes_room(serve, dial):
    server = serve(Point, max_connections=2)
    first, second = dial(server), dial(server)
    for channel in (first, second):
        unary(channel, "ListEnvs")(b"", timeout=PATIENCE_S)
    third = dial(server)
    with pytest.raises(grpc.RpcError) as caught:
        unary(third, "ListEnvs")(b"", timeout=PATIENCE_S)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    first.close()
    unary(third, "ListEnvs")(b"", timeout=PATIENCE_S, wait_for_ready=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on descriptors")
def test_connections_leave_descriptors_for_sessions(monkeypatch, caplog):
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (200, 4096))
    options = gymwire.ServerOptions(max_sessions=10)
    assert server_module._connection_limit(options) == 200 - 64 - 40
    assert "200 file descriptors" in caplog.text
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100_000, 100_000))
    assert server_module._connection_limit(options) == 1000


def test_a_server_without_descriptors_says_so(serve, remote, monkeypatch):
    server = serve(Point)

    async def refuse(*_arguments, **_options):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio.BaseEventLoop, "subprocess_exec", refuse)
    with pytest.raises(GymwireError, match=r"CAPACITY.*Too many open files"):
        remote(server)
    assert server.session_count == 0


def health_of(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    return stub.Check(health_pb2.HealthCheckRequest(service="gymwire.v1.EnvService"), timeout=PATIENCE_S).status


def test_a_shutdown_lets_sessions_finish_and_tells_everybody_else_at_once(serve, remote, dial):
    server = serve(Point, drain_timeout_ms=3_600_000)
    env, channel = remote(server), dial(server)
    env.reset()
    ending = threading.Thread(target=server.shutdown)
    ending.start()
    wait_for(lambda: health_of(channel) == health_pb2.HealthCheckResponse.NOT_SERVING)
    with pytest.raises(GymwireError, match="SHUTTING_DOWN"):
        remote(server, reconnect_timeout_ms=0)
    assert env.step(ACTION)[0].tolist() == [0.5]
    env.close()
    ending.join(PATIENCE_S)
    assert not ending.is_alive()


def test_a_stream_that_is_open_when_the_time_is_over_ends_with_a_code(serve, remote, dial):
    server = serve(Point, drain_timeout_ms=50)
    env = remote(server)
    env.reset()
    ended = interact_until_end(dial(server), env)
    server.shutdown()
    ended.join(PATIENCE_S)
    assert ended.error.code == "SHUTTING_DOWN"


def interact_until_end(channel, env):
    attach = pb.AttachRequest(session_id=env._session.description.session_id, take_over=True)
    over = threading.Event()

    def requests():
        yield pb.InteractRequest(attach=attach)
        over.wait(PATIENCE_S)

    replies = interact(channel, requests())
    assert next(replies).WhichOneof("response") == "attach"

    def wait():
        try:
            next(replies)
        except grpc.RpcError as error:
            thread.error = from_rpc_error(error, "here")
        over.set()

    thread = threading.Thread(target=wait)
    thread.error = None
    thread.start()
    return thread


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_second_signal_ends_sessions_at_once(remote):
    command = [sys.executable, "-m", "gymwire", "serve", "Pendulum-v1", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--drain-timeout-ms", "3600000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        address = process.stdout.readline().split()[2]
        env = remote(address, "Pendulum-v1", reconnect_timeout_ms=0)
        env.reset(seed=1)
        process.send_signal(signal.SIGTERM)
        assert "1 sessions may go on for 3600000 ms" in process.stderr.readline()
        env.step([0.5])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 0


@pytest.fixture(autouse=True)
def _warnings_only(caplog):
    caplog.set_level(logging.WARNING)


def watch(channel, service=""):
    return health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=service))


def test_watches_without_a_token_keep_nobody_out(serve, remote, dial, monkeypatch, tmp_path):
    monkeypatch.setattr(health_module, "_CALLS", 8)
    monkeypatch.setattr(call_limit, "_OTHER_CALLS", 1)
    (tmp_path / "token").write_text("client-0123456789")
    server = serve(Point, token_file=tmp_path / "token", operator_token="operator-0123456789", max_sessions=1)
    held = [(channel, watch(channel)) for channel in [dial(server)] * 30]
    wait_for(lambda: sum(call.done() for _, call in held) == 22)
    assert {call.code() for _, call in held if call.done()} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert health_of(dial(server)) == health_pb2.HealthCheckResponse.SERVING
    env = remote(server, token="client-0123456789")
    env.reset()
    assert env.step(ACTION)[0].tolist() == [0.5]
    client = OperatorClient(server.address, "operator-0123456789")
    assert len(client.list_sessions().sessions) == 1
    client.close()


def test_a_client_that_fills_the_calls_of_a_server_leaves_some_for_the_others(serve, remote, dial, monkeypatch):
    monkeypatch.setattr(call_limit, "_OTHER_CALLS", 6)
    server = serve(Point, max_sessions=2)
    never, channel = threading.Event(), dial(server)
    calls = [
        channel.stream_unary(SERVICE + "Handshake", to_bytes).future(iter(lambda: never.wait(PATIENCE_S), True))
        for _ in range(20)
    ]
    wait_for(lambda: sum(call.done() for call in calls) == 12)
    assert from_rpc_error(next(call for call in calls if call.done()).exception(), "here").code == "CAPACITY"
    remote(server).reset()
    never.set()
    for call in calls:
        call.cancel()


def test_names_of_services_are_short_and_none_is_kept(serve, dial):
    server = serve(Point)
    channel = dial(server)
    for call in (
        lambda: next(watch(channel, "x" * 2**20)),
        lambda: health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="x" * 300)),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    unknown = watch(channel, "unknown")
    assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    known = watch(channel)
    assert next(known).status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as caught:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="unknown"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    ending = threading.Thread(target=server.shutdown)
    ending.start()
    assert next(known).status == health_pb2.HealthCheckResponse.NOT_SERVING
    ending.join(PATIENCE_S)


@pytest.mark.skipif(sys.platform == "win32", reason="sockets of POSIX")
def test_silent_calls_through_a_socket_file_keep_no_other_client_waiting(serve, dial, tmp_path, monkeypatch):
    shares = []
    monkeypatch.setattr(call_limit, "Shares", lambda *limits: shares.append(Shares(*limits)) or shares[-1])
    server = serve(Point, host=f"unix:{tmp_path}/s")
    never, slow = threading.Event(), dial(server)
    calls = [
        slow.stream_unary(SERVICE + "Handshake", to_bytes).future(iter(lambda: never.wait(PATIENCE_S), True))
        for _ in range(4)
    ]
    wait_for(lambda: sum(map(len, shares)) == 4)
    # Well within the 30 seconds that a request may take to come.
    unary(dial(server), "ListEnvs")(b"", timeout=20)
    never.set()
    for call in calls:
        call.cancel()


def test_a_session_is_not_idle_while_its_own_call_is_under_way(serve, dial, tmp_path):
    folder = str(tmp_path)
    server = serve({"Gated-v0": lambda: Gated(folder)}, idle_timeout_ms=300)
    channel = dial(server)
    made = unary(channel, "MakeSession", pb.MakeSessionResponse)(pb.MakeSessionRequest(env_id="Gated-v0"))
    unary(channel, "Reset")(pb.ResetRequest(session_id=made.session_id), timeout=PATIENCE_S)
    request = pb.StepRequest(session_id=made.session_id)
    request.action.CopyFrom(encode_value(ACTION))
    step = unary(channel, "Step").future(request, timeout=PATIENCE_S)
    wait_for(lambda: (tmp_path / "started").exists())
    (entry,) = server._server._store._entries.values()
    assert entry.timer is None
    time.sleep(0.4)
    assert server.session_count == 1
    (tmp_path / "go").touch()
    step.result()
    wait_for(lambda: server.session_count == 0)


def test_a_refused_request_lies_in_no_traceback_until_the_collector_comes():
    class Context:
        async def abort(self, *_):
            raise grpc.aio.AbortError

    def refuse(message):
        raise GymwireError("MALFORMED", f"{len(message)} bytes") from ValueError("inner")

    try:
        refuse(b"x")
    except GymwireError as thrown:
        error = thrown
    assert error.__traceback__ is not None
    with pytest.raises(grpc.aio.AbortError):
        asyncio.run(rpc_errors.abort(Context(), error))
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)

"""Who says that something failed decides what a client does about it: the words never do."""

from __future__ import annotations

from collections import Counter
from concurrent import futures

import grpc
import numpy as np
import pytest
from made_up_replies import made_up_replies
from sample_envs import Point

import gymwire
from gymwire import GymwireError
from gymwire.errors import METADATA_KEY, STATUS_NAMES, encode_error
from gymwire.v1 import env_service_pb2 as pb

ACTION = np.array([0.5], np.float32)


def peer(code, message):
    """What a gymwire server ends a call with."""
    trailer = ((METADATA_KEY, encode_error(GymwireError(code, message)).SerializeToString()),)
    return grpc.StatusCode[STATUS_NAMES[code]], f"{code}: {message}", trailer


def transport(status, details):
    """What gRPC, or something on the way, ends a call with."""
    return status, details, ()


class _Scripted(grpc.GenericRpcHandler):
    """A server whose first calls of a method, or whose first streams' first requests, fail so; then it serves."""

    def __init__(self, failures):
        self._failures = failures
        self.calls = Counter()
        self._replies = {**made_up_replies(), "ListEnvs": pb.ListEnvsResponse()}

    def service(self, handler_call_details):
        name = handler_call_details.method.split("/")[-1]
        failure = next(iter(self._failures.get(name, [])[self.calls[name] :]), None)
        self.calls[name] += 1

        def fail(context):
            status, details, trailer = failure
            context.set_trailing_metadata(trailer)
            context.abort(status, details)

        def answer(_, context):
            if failure is not None:
                fail(context)
            return self._replies[name].SerializeToString()

        def interact(requests, context):
            for raw in requests:
                request = pb.InteractRequest.FromString(raw)
                if request.HasField("attach"):
                    yield pb.InteractResponse(attach=pb.AttachResponse()).SerializeToString()
                elif request.HasField("close"):
                    yield pb.InteractResponse(close=pb.CloseSessionResponse()).SerializeToString()
                elif failure is not None:
                    fail(context)
                else:
                    # It has been served: by an error that is no break.
                    served = encode_error(GymwireError("NOT_RESET", "served"))
                    yield pb.InteractResponse(error=served).SerializeToString()

        if name == "Interact":
            return grpc.stream_stream_rpc_method_handler(interact)
        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.fixture
def scripted():
    """Starts servers that end with the test. Returns the address, and how often each method was called."""
    running = []

    def start(**failures):
        handler = _Scripted(failures)
        server = grpc.server(futures.ThreadPoolExecutor())
        server.add_generic_rpc_handlers((handler,))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        running.append(server)
        return f"127.0.0.1:{port}", handler.calls

    yield start
    for server in running:
        server.stop(0)


def failure_of(call, *arguments, **options):
    with pytest.raises(GymwireError) as caught:
        call(*arguments, **options)
    return caught.value.code, caught.value.origin


def test_internal_a_server_that_cannot_make_a_session_is_asked_once_one_that_was_cut_off_again(scripted, remote):
    # As this client words a call that was cut: a trap for whoever reads words.
    address, calls = scripted(MakeSession=[peer("INTERNAL", "MakeSession at 127.0.0.1:1: RST_STREAM")])
    assert failure_of(remote, address) == ("INTERNAL", "peer")
    assert calls["MakeSession"] == 1
    address, calls = scripted(MakeSession=[transport(grpc.StatusCode.INTERNAL, "out of order")])
    remote(address)
    assert calls["MakeSession"] == 2


def test_internal_a_stream_that_a_server_ends_stays_ended_one_that_was_cut_off_is_attached_again(scripted, remote):
    words = "the session at 127.0.0.1:1: RST_STREAM"
    address, calls = scripted(Interact=[peer("INTERNAL", words)])
    assert failure_of(remote(address).reset) == ("INTERNAL", "peer")
    assert calls["Interact"] == 1
    address, calls = scripted(Interact=[transport(grpc.StatusCode.INTERNAL, "out of order")])
    assert failure_of(remote(address).reset) == ("NOT_RESET", "peer")
    assert calls["Interact"] == 2


def test_unavailable_a_server_that_ends_takes_no_session_a_broken_way_may_heal(scripted, remote):
    address, calls = scripted(MakeSession=[peer("SHUTTING_DOWN", "the server ends")])
    assert failure_of(remote, address) == ("SHUTTING_DOWN", "peer")
    assert calls["MakeSession"] == 1
    address, calls = scripted(MakeSession=[transport(grpc.StatusCode.UNAVAILABLE, "the server ends")])
    remote(address)
    assert calls["MakeSession"] == 2


def test_capacity_a_server_that_is_full_and_a_message_above_a_limit(scripted, serve, remote):
    server = serve(Point, max_sessions=1)
    env = remote(server)
    assert failure_of(remote, server) == ("CAPACITY", "peer")
    env.reset()
    # The session stays, and is used by the next request on a stream of its own.
    large = {"options": {"note": "x" * (65 * 2**20)}}
    assert failure_of(env.reset, **large) == ("CAPACITY", "transport")
    assert env.reset()[0].tolist() == [0.0]


def test_unauthenticated_a_server_that_wants_a_token_and_a_gateway_before_it(scripted, serve, remote, tmp_path):
    token = tmp_path / "token"
    token.write_text("a-token-of-the-clients")
    assert failure_of(remote, serve(Point, token_file=token)) == ("UNAUTHENTICATED", "peer")
    address, _ = scripted(Handshake=[transport(grpc.StatusCode.UNAUTHENTICATED, "who is it?")])
    assert failure_of(remote, address) == ("UNAUTHENTICATED", "transport")


@pytest.mark.parametrize("code", ["INTERNAL", "VERSION_MISMATCH", "MALFORMED"])
def test_a_handshake_that_a_server_refuses_is_no_strangers_answer_whatever_its_words(scripted, remote, code):
    words = "Handshake at 127.0.0.1:1: failed to connect: TLS handshake, certificate"
    address, _ = scripted(Handshake=[peer(code, words)])
    assert failure_of(remote, address) == (code, "peer")
    address, _ = scripted(Handshake=[transport(grpc.StatusCode.INTERNAL, words)])
    assert failure_of(remote, address) == ("NOT_GYMWIRE", "transport")


def test_words_about_tls_do_not_make_a_fault_of_tls(scripted, remote):
    address, _ = scripted(Handshake=[transport(grpc.StatusCode.UNAVAILABLE, "ssl certificate handshake")])
    assert failure_of(remote, address) == ("SERVER_UNAVAILABLE", "transport")


def test_what_this_side_refuses_is_its_own(serve, remote):
    assert failure_of(gymwire.RemoteEnv, "nowhere", "Env-v0") == ("INVALID_ARGUMENT", "local")
    env = remote(serve(Point))
    env.reset()
    env.close()
    assert failure_of(env.step, ACTION) == ("SESSION_GONE", "local")


def test_an_error_of_a_simulators_process_is_the_servers_to_a_client(serve, remote):
    env = remote(serve(Point))
    assert failure_of(env.step, ACTION) == ("NOT_RESET", "peer")

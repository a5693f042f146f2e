"""What a server answers that is not what it said: MALFORMED, with what was expected, what came and where."""

from __future__ import annotations

from concurrent import futures

import grpc
import numpy as np
import pytest
from gymnasium import spaces
from made_up_replies import made_up_replies

import gymwire
from gymwire import GymwireError
from gymwire.client.observations import batch_of, members_of
from gymwire.codec.spaces import decode_space, encode_space
from gymwire.codec.values import encode_tensor, encode_value
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import space_pb2

SPACE = spaces.Dict(
    at=spaces.Box(-1, 1, (2,), np.float32), gear=spaces.Discrete(3), pair=spaces.Tuple([spaces.Text(9)])
)


def _batch(**others):
    return {"at": np.zeros((2, 2), np.float32), "gear": np.array([0, 2]), "pair": (("a", "b"),), **others}


def test_a_batch_and_its_rows():
    assert batch_of(SPACE, _batch(), 2, "observation").keys() == _batch().keys()
    first, second = members_of(SPACE, _batch(), 2, "observation")
    assert (first["gear"], first["pair"], second["gear"], second["pair"]) == (0, ("a",), 2, ("b",))
    assert first["at"].base is None


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (None, "observation: expected a dictionary with the keys at, gear, pair, got nothing"),
        ([1], "observation: expected a dictionary with the keys at, gear, pair, got a list of 1"),
        (
            {"at": 1},
            "observation: expected a dictionary with the keys at, gear, pair, got a dictionary with the keys at",
        ),
        (_batch(at=3), "observation.at: expected float32 [2, 2], got the int 3"),
        (_batch(at=np.zeros((3, 2), np.float32)), "observation.at: expected float32 [2, 2], got float32 [3, 2]"),
        (_batch(at=np.zeros((2, 2))), "observation.at: expected float32 [2, 2], got float64 [2, 2]"),
        (_batch(gear="ab"), "observation.gear: expected int64 [2], got the str 'ab'"),
        (_batch(pair=3), "observation.pair: expected a tuple of 1, got the int 3"),
        (_batch(pair=(("a",),)), "observation.pair[0]: expected a tuple of 2, got a tuple of 1"),
    ],
)
def test_what_is_no_batch_is_named(batch, message):
    for read in (batch_of, members_of):
        with pytest.raises(GymwireError) as caught:
            read(SPACE, batch, 2, "observation")
        assert (caught.value.code, caught.value.message) == ("MALFORMED", message)


@pytest.mark.parametrize(
    "wire",
    [
        space_pb2.Space(discrete=space_pb2.DiscreteSpace(n=0, dtype=encode_space(spaces.Discrete(2)).discrete.dtype)),
        space_pb2.Space(text=space_pb2.TextSpace(min_length=3, max_length=1, charset="a")),
        space_pb2.Space(
            multi_discrete=space_pb2.MultiDiscreteSpace(
                nvec=encode_tensor(np.array([0, 2])), start=encode_tensor(np.array([0, 0]))
            )
        ),
    ],
    ids=["discrete", "text", "multi_discrete"],
)
def test_a_space_that_gymnasium_refuses_is_malformed_with_its_place(wire):
    outer = space_pb2.Space(dict=space_pb2.DictSpace(entries=[space_pb2.DictSpaceEntry(key="x", space=wire)]))
    with pytest.raises(GymwireError, match=rf"MALFORMED: space\.x: no {wire.WhichOneof('kind')} space: "):
        decode_space(outer, "space")


class _Foreign(grpc.GenericRpcHandler):
    """Answers every request on a stream with one reply."""

    def __init__(self, reply, **made):
        self._reply = reply
        self._replies = made_up_replies()
        description = self._replies["MakeSession"]
        description.num_envs, description.autoreset_mode = 2, pb.AUTORESET_MODE_NEXT_STEP
        description.spec.methods.append("tell")
        for name, value in made.items():
            setattr(description, name, value)

    def service(self, handler_call_details):
        name = handler_call_details.method.split("/")[-1]
        if name == "Interact":
            return grpc.stream_stream_rpc_method_handler(self._interact)
        return grpc.unary_unary_rpc_method_handler(lambda *_: self._replies[name].SerializeToString())

    def _interact(self, requests, _context):
        for raw in requests:
            request = pb.InteractRequest.FromString(raw)
            attach = pb.InteractResponse(attach=pb.AttachResponse())
            close = pb.InteractResponse(close=pb.CloseSessionResponse())
            reply = attach if request.HasField("attach") else close if request.HasField("close") else self._reply
            yield reply.SerializeToString()


@pytest.fixture
def foreign():
    servers = []

    def start(reply=None, **made):
        server = grpc.server(futures.ThreadPoolExecutor())
        server.add_generic_rpc_handlers((_Foreign(reply, **made),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(0)


def test_an_observation_with_rows_of_nobody_is_malformed(foreign):
    rows = encode_value(np.zeros((3, 1), np.float64))
    address = foreign(pb.InteractResponse(reset=pb.ResetResponse(sequence=1, observation=rows)))
    env = gymwire.RemoteVectorEnv(2, address, "Env-v0")
    with pytest.raises(GymwireError, match=r"MALFORMED: observation: expected float64 \[2, 1\], got float64 \[3, 1\]"):
        env.reset()
    env.close()


def test_a_mode_that_there_is_not_is_malformed(foreign):
    address = foreign(autoreset_mode=pb.AUTORESET_MODE_UNSPECIFIED)
    with pytest.raises(GymwireError, match=r"MALFORMED: autoreset_mode: expected one of NextStep, .* told number 0"):
        gymwire.RemoteVectorEnv(2, address, "Env-v0")


def test_results_that_are_not_one_an_environment_are_malformed(foreign):
    address = foreign(pb.InteractResponse(call=pb.CallMethodResponse(sequence=1)))
    env = gymwire.RemoteVectorEnv(2, address, "Env-v0")
    with pytest.raises(GymwireError, match="MALFORMED: result: expected 2, one an environment, got 0"):
        env.call("tell")
    env.close()

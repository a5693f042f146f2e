"""What a server that has no environment answers, so that a client goes on."""

from __future__ import annotations

from google.protobuf.message import Message
from sample_envs import Point

from gymwire.codec.spaces import encode_space
from gymwire.v1 import env_service_pb2 as pb


def made_up_replies() -> dict[str, Message]:
    point = Point()
    return {
        "Handshake": pb.HandshakeResponse(protocol_version=pb.ProtocolVersion(major=1)),
        "MakeSession": pb.MakeSessionResponse(
            session_id="made-up",
            observation_space=encode_space(point.observation_space),
            action_space=encode_space(point.action_space),
            spec=pb.EnvSpec(id="Env-v0"),
        ),
        "CloseSession": pb.CloseSessionResponse(),
    }

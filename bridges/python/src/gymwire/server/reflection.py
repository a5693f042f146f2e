"""Server reflection: generic clients (grpcurl) learn the service from the server itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from grpc_reflection.v1alpha import reflection, reflection_pb2

# grpcio-reflection knows v1alpha; v1 is the same messages under another name.
_NAMES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")


def add_reflection(server: Any, files: Iterable[FileDescriptor]) -> None:
    """:param files: those whose services are told, with all that they import"""
    files = list(files)
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        _add(file, pool)
    names = [service.full_name for file in files for service in file.services_by_name.values()]
    servicer = reflection.aio.ReflectionServicer((*names, *_NAMES), pool=pool)
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in _NAMES:
        methods = {"ServerReflectionInfo": handler}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))


def _add(file: FileDescriptor, pool: descriptor_pool.DescriptorPool) -> None:
    """
    A copy whose fields have JSON names: protoc leaves them out of Python's modules, and clients that speak JSON would
    then write `session_id` where other servers' say `sessionId`.
    """
    try:
        pool.FindFileByName(file.name)
    except KeyError:
        for dependency in file.dependencies:
            _add(dependency, pool)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        for message in proto.message_type:
            _name_fields(message)
        pool.Add(proto)


def _name_fields(message: descriptor_pb2.DescriptorProto) -> None:
    for field in message.field:
        first, *others = field.name.split("_")
        field.json_name = first + "".join(word[:1].upper() + word[1:] for word in others)
    for nested in message.nested_type:
        _name_fields(nested)

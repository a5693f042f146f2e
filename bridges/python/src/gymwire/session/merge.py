"""Replies of parts of a session → the session's reply: rows one part after the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from gymnasium import spaces

from gymwire.codec.spaces import Space
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

#: The number of a part's first environment, how many it has, and its reply.
Reply = tuple[int, int, Any]


def merged_reset(space: Space, replies: Sequence[Reply], sequence: int) -> pb.ResetResponse:
    merged = pb.ResetResponse(
        sequence=sequence, observation=_merged(space, [reply.observation for _, _, reply in replies])
    )
    for first, count, reply in replies:
        merged.infos.extend(_moved(reply.infos, first))
        merged.packed_infos.extend(_moved_rows(reply.packed_infos, first, count))
    return merged


def merged_step(space: Space, replies: Sequence[Reply], sequence: int) -> pb.StepResponse:
    steps = [reply for _, _, reply in replies]
    merged = pb.StepResponse(
        sequence=sequence,
        observation=_merged(space, [step.observation for step in steps]),
        rewards=b"".join(step.rewards for step in steps),
        terminated=b"".join(step.terminated for step in steps),
        truncated=b"".join(step.truncated for step in steps),
    )
    finals = [step.final_observation for step in steps if step.final_env_indices]
    if finals:
        merged.final_observation.CopyFrom(_merged(space, finals))
    for first, count, step in replies:
        merged.infos.extend(_moved(step.infos, first))
        merged.packed_infos.extend(_moved_rows(step.packed_infos, first, count))
        merged.final_env_indices.extend(first + index for index in step.final_env_indices)
        merged.final_infos.extend(_moved(step.final_infos, first))
        merged.packed_final_infos.extend(_moved_rows(step.packed_final_infos, first, count))
    return merged


def _moved(infos: Sequence[pb.EnvInfo], first: int) -> Iterator[pb.EnvInfo]:
    for one in infos:
        one.env_index += first
        yield one


def _moved_rows(packed: Sequence[pb.PackedInfos], first: int, count: int) -> Iterator[pb.PackedInfos]:
    for one in packed:
        # Without indices: of all environments of the part.
        indices = list(one.env_indices) or range(count)
        one.env_indices[:] = [first + index for index in indices]
        yield one


def _merged(space: Space, values: Sequence[value_pb2.Value]) -> value_pb2.Value:
    """Batches of members of a space, encoded, one after the other."""
    if isinstance(space, spaces.Dict):
        merged = copy.deepcopy(values[0])
        for index, entry in enumerate(merged.dict.entries):
            parts = [value.dict.entries[index].value for value in values]
            entry.value.CopyFrom(_merged(space.spaces[entry.key], parts))
        return merged
    if isinstance(space, spaces.Tuple):
        columns = zip(*(value.tuple.values for value in values), strict=True)
        batches = [_merged(inner, column) for inner, column in zip(space.spaces, columns, strict=True)]
        return value_pb2.Value(tuple=value_pb2.ListValue(values=batches))
    if isinstance(space, spaces.Text):
        texts = [text for value in values for text in value.tuple.values]
        return value_pb2.Value(tuple=value_pb2.ListValue(values=texts))
    tensors = [value.tensor for value in values]
    rows = sum(tensor.shape[0] for tensor in tensors)
    data = b"".join(tensor.data for tensor in tensors)
    return value_pb2.Value(
        tensor=value_pb2.Tensor(dtype=tensors[0].dtype, shape=[rows, *tensors[0].shape[1:]], data=data)
    )

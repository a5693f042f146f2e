"""Gymnasium's spaces ⇄ wire messages."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.values import decode_dtype, decode_tensor, encode_dtype, encode_tensor
from gymwire.errors import GymwireError, describe_exception
from gymwire.v1 import space_pb2 as pb

Space = spaces.Space[Any]

_MAX_DEPTH = 32
_KINDS = "Box, Discrete, MultiBinary, MultiDiscrete, Dict, Tuple and Text"


def encode_space(space: Space) -> pb.Space:
    """Raises GymwireError UNSUPPORTED for a kind of space that the wire does not know (Graph, Sequence, OneOf)."""
    if isinstance(space, spaces.Box):
        return pb.Space(box=pb.BoxSpace(low=encode_tensor(space.low), high=encode_tensor(space.high)))
    if isinstance(space, spaces.Discrete):
        wire_dtype = encode_dtype(np.dtype(space.dtype))
        return pb.Space(discrete=pb.DiscreteSpace(n=int(space.n), start=int(space.start), dtype=wire_dtype))
    if isinstance(space, spaces.MultiBinary):
        return pb.Space(multi_binary=pb.MultiBinarySpace(shape=space.shape))
    if isinstance(space, spaces.MultiDiscrete):
        # The members' dtype is that of nvec.
        dtype = np.dtype(space.dtype)
        start = np.asarray(getattr(space, "start", np.zeros_like(space.nvec)))
        return pb.Space(
            multi_discrete=pb.MultiDiscreteSpace(
                nvec=encode_tensor(space.nvec.astype(dtype)), start=encode_tensor(start.astype(dtype))
            )
        )
    if isinstance(space, spaces.Dict):
        entries = [
            pb.DictSpaceEntry(key=_text_key(key), space=encode_space(inner)) for key, inner in space.spaces.items()
        ]
        return pb.Space(dict=pb.DictSpace(entries=entries))
    if isinstance(space, spaces.Tuple):
        return pb.Space(tuple=pb.TupleSpace(spaces=[encode_space(inner) for inner in space.spaces]))
    if isinstance(space, spaces.Text):
        return pb.Space(
            text=pb.TextSpace(min_length=space.min_length, max_length=space.max_length, charset=space.characters)
        )
    raise GymwireError("UNSUPPORTED", f"expected one of {_KINDS}, got {space!r}")


def decode_space(wire: pb.Space, where: str, depth: int = 0) -> Space:
    """
    Raises GymwireError MALFORMED for an unknown kind, bounds that do not match, nesting deeper than 32, and what
    Gymnasium makes no space of.
    """
    if depth > _MAX_DEPTH:
        raise GymwireError("MALFORMED", f"{where}: spaces nest at most {_MAX_DEPTH} levels deep")
    try:
        return _decode(wire, where, depth)
    except GymwireError:
        raise
    except Exception as thrown:
        # Gymnasium asserts what a space's numbers must be.
        kind = wire.WhichOneof("kind")
        raise GymwireError("MALFORMED", f"{where}: no {kind} space: {describe_exception(thrown)}") from thrown


def _decode(wire: pb.Space, where: str, depth: int) -> Space:
    kind = wire.WhichOneof("kind")
    if kind == "box":
        return _decode_box(wire.box, where)
    if kind == "discrete":
        return _decode_discrete(wire.discrete, where)
    if kind == "multi_binary":
        # To Gymnasium, MultiBinary(3) is not MultiBinary([3]); the first is how people write it.
        shape = list(wire.multi_binary.shape)
        return spaces.MultiBinary(shape[0] if len(shape) == 1 else shape)
    if kind == "multi_discrete":
        nvec = decode_tensor(wire.multi_discrete.nvec, f"{where}.nvec")
        start = decode_tensor(wire.multi_discrete.start, f"{where}.start")
        return spaces.MultiDiscrete(nvec, dtype=nvec.dtype.type, start=start)
    if kind == "dict":
        entries = OrderedDict(
            (entry.key, decode_space(entry.space, f"{where}.{entry.key}", depth + 1)) for entry in wire.dict.entries
        )
        space = spaces.Dict(entries)
        # Gymnasium 1.0 sorts them.
        space.spaces = dict(entries)
        return space
    if kind == "tuple":
        inner = [decode_space(one, f"{where}[{index}]", depth + 1) for index, one in enumerate(wire.tuple.spaces)]
        return spaces.Tuple(inner)
    if kind == "text":
        text = wire.text
        return spaces.Text(max_length=text.max_length, min_length=text.min_length, charset=text.charset)
    raise GymwireError("MALFORMED", f"{where}: expected a space, got none or one of an unknown kind")


def _decode_box(wire: pb.BoxSpace, where: str) -> spaces.Box:
    low, high = decode_tensor(wire.low, f"{where}.low"), decode_tensor(wire.high, f"{where}.high")
    if low.dtype != high.dtype or low.shape != high.shape:
        raise GymwireError(
            "MALFORMED",
            f"{where}: low is {low.dtype} {list(low.shape)} but high is {high.dtype} {list(high.shape)}",
        )
    return spaces.Box(low, high, dtype=low.dtype.type)


def _decode_discrete(wire: pb.DiscreteSpace, where: str) -> spaces.Discrete:
    dtype = decode_dtype(wire.dtype, where)
    if dtype == np.dtype(np.int64):
        return spaces.Discrete(wire.n, start=wire.start)
    # Gymnasium learnt other integers in 1.2.
    return spaces.Discrete(wire.n, start=wire.start, dtype=dtype.type)


def _text_key(key: Any) -> str:
    if isinstance(key, str):
        return key
    raise GymwireError("UNSUPPORTED", f"the keys of a Dict space must be strings, got {key!r}")

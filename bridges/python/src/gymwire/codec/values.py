"""
Values ⇄ wire messages, with their types kept: an int stays an int, a `numpy.float64` a `numpy.float64`, a tuple a
tuple. See docs/protocol.md, "Values".
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gymwire.errors import GymwireError
from gymwire.v1 import value_pb2 as pb

if sys.byteorder != "little":
    raise GymwireError("UNSUPPORTED", "gymwire needs a little-endian machine: arrays travel as their memory lies")

_WIRE_DTYPES: Mapping[str, pb.DType] = {
    "bool": pb.D_TYPE_BOOL,
    "int8": pb.D_TYPE_INT8,
    "uint8": pb.D_TYPE_UINT8,
    "int16": pb.D_TYPE_INT16,
    "uint16": pb.D_TYPE_UINT16,
    "int32": pb.D_TYPE_INT32,
    "uint32": pb.D_TYPE_UINT32,
    "int64": pb.D_TYPE_INT64,
    "uint64": pb.D_TYPE_UINT64,
    "float32": pb.D_TYPE_FLOAT32,
    "float64": pb.D_TYPE_FLOAT64,
}
_DTYPES: Mapping[int, np.dtype[Any]] = {int(wire): np.dtype(name) for name, wire in _WIRE_DTYPES.items()}

# Deeper nesting is refused: a hostile message must not exhaust the stack.
_MAX_DEPTH = 32
# NumPy's own limit, which was 32 before version 2.
_MAX_RANK = 64 if int(np.__version__.split(".", maxsplit=1)[0]) >= 2 else 32


def encode_dtype(dtype: np.dtype[Any]) -> pb.DType:
    """Raises GymwireError MALFORMED for a dtype that the wire does not know, such as float16."""
    try:
        return _WIRE_DTYPES[dtype.name]
    except KeyError:
        known = ", ".join(_WIRE_DTYPES)
        raise GymwireError("MALFORMED", f"an array of dtype {dtype} cannot travel; expected {known}") from None


def decode_dtype(wire: int, where: str) -> np.dtype[Any]:
    dtype = _DTYPES.get(wire)
    if dtype is None:
        raise GymwireError("MALFORMED", f"{where}: expected a known dtype, got {wire}")
    return dtype


def encode_tensor(array: np.ndarray[Any, Any] | np.generic) -> pb.Tensor:
    return pb.Tensor(
        dtype=encode_dtype(array.dtype),
        shape=array.shape,
        # tobytes() is in C order; another byte order than the wire's is turned around first.
        data=(array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))).tobytes(),
    )


def decode_tensor(wire: pb.Tensor, where: str) -> np.ndarray[Any, Any]:
    """A writable array of its own. Raises GymwireError MALFORMED when the bytes do not fit shape and dtype."""
    dtype = decode_dtype(wire.dtype, where)
    if len(wire.shape) > _MAX_RANK:
        raise GymwireError("MALFORMED", f"{where}: expected at most {_MAX_RANK} dimensions, got {len(wire.shape)}")
    expected = math.prod(wire.shape) * dtype.itemsize
    if len(wire.data) != expected:
        shape = ", ".join(map(str, wire.shape))
        raise GymwireError(
            "MALFORMED",
            f"{where}: shape [{shape}] of {dtype.name} takes {expected} bytes, got {len(wire.data)}",
        )
    if dtype.kind == "b" and wire.data.translate(None, b"\0\1"):
        raise GymwireError("MALFORMED", f"{where}: a bool is one byte, 0 or 1")
    try:
        return np.frombuffer(wire.data, dtype).reshape(tuple(wire.shape)).copy()
    except ValueError as error:
        # An empty array may name a size that NumPy cannot index.
        raise GymwireError("MALFORMED", f"{where}: {error}") from error


def encode_value(value: Any, depth: int = 0) -> pb.Value:
    """Raises GymwireError MALFORMED for an int beyond 64 bits, nesting deeper than 32, or a foreign object."""
    if depth > _MAX_DEPTH:
        raise _too_deep("value")
    # NumPy's scalars first: a numpy.float64 is also a float.
    if isinstance(value, np.generic):
        return _encode_scalar(value)
    if isinstance(value, np.ndarray):
        return pb.Value(tensor=encode_tensor(value))
    if value is None:
        return pb.Value(null=pb.NullValue())
    if isinstance(value, bool):
        return pb.Value(bool=value)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise GymwireError("MALFORMED", f"integer {value} does not fit into 64 bits")
        return pb.Value(int=value)
    if isinstance(value, float):
        return pb.Value(float=value)
    if isinstance(value, str):
        return pb.Value(string=_checked_text(value))
    if isinstance(value, (bytes, bytearray)):
        return pb.Value(bytes=bytes(value))
    if isinstance(value, tuple):
        return pb.Value(tuple=_encode_items(value, depth))
    if isinstance(value, list):
        return pb.Value(list=_encode_items(value, depth))
    if isinstance(value, Mapping):
        return pb.Value(dict=encode_dict(value, depth + 1))
    raise GymwireError(
        "MALFORMED",
        f"a {type(value).__name__} cannot travel: use numbers, strings, lists, tuples, dictionaries, arrays",
    )


def encode_dict(value: Mapping[Any, Any], depth: int = 0) -> pb.DictValue:
    return pb.DictValue(entries=encode_entries(value, depth))


def encode_entries(value: Mapping[Any, Any], depth: int = 0) -> list[pb.DictEntry]:
    for key in value:
        if not isinstance(key, str):
            raise GymwireError("MALFORMED", f"a dictionary's keys must be strings, got {key!r}")
    return [pb.DictEntry(key=_checked_text(key), value=encode_value(item, depth)) for key, item in value.items()]


def decode_value(wire: pb.Value, where: str, depth: int = 0) -> Any:
    """Raises GymwireError MALFORMED for no value, a bad tensor, a doubled key, or nesting deeper than 32."""
    if depth > _MAX_DEPTH:
        raise _too_deep(where)
    kind = wire.WhichOneof("kind")
    if kind == "tensor":
        return decode_tensor(wire.tensor, where)
    if kind in {"float", "int", "bool", "string", "bytes"}:
        return getattr(wire, kind)
    if kind == "scalar":
        return _decode_scalar(wire.scalar, where)
    if kind == "list":
        return _decode_items(wire.list.values, where, depth)
    if kind == "tuple":
        return tuple(_decode_items(wire.tuple.values, where, depth))
    if kind == "dict":
        return decode_entries(wire.dict.entries, where, depth + 1)
    if kind == "null":
        return None
    raise GymwireError("MALFORMED", f"{where}: expected a value, got none")


def decode_entries(entries: Iterable[pb.DictEntry], where: str, depth: int = 0) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for entry in entries:
        if entry.key in value:
            raise GymwireError("MALFORMED", f"{where}: a key occurs twice")
        value[entry.key] = decode_value(entry.value, f"{where}.{entry.key}", depth)
    return value


def _encode_scalar(value: np.generic) -> pb.Value:
    if isinstance(value, np.str_):
        return pb.Value(string=_checked_text(str(value)))
    if isinstance(value, np.bytes_):
        return pb.Value(bytes=bytes(value))
    return pb.Value(scalar=encode_tensor(value))


def _decode_scalar(wire: pb.Tensor, where: str) -> Any:
    array = decode_tensor(wire, where)
    if array.shape != ():
        shape = ", ".join(map(str, array.shape))
        raise GymwireError("MALFORMED", f"{where}: a scalar has shape [], got [{shape}]")
    return array[()]


def _encode_items(items: Iterable[Any], depth: int) -> pb.ListValue:
    return pb.ListValue(values=[encode_value(item, depth + 1) for item in items])


def _decode_items(values: Iterable[pb.Value], where: str, depth: int) -> list[Any]:
    return [decode_value(value, f"{where}[{index}]", depth + 1) for index, value in enumerate(values)]


def _checked_text(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise GymwireError("MALFORMED", f"the text {text!r} is no valid Unicode") from error
    return text


def _too_deep(where: str) -> GymwireError:
    return GymwireError("MALFORMED", f"{where}: values nest at most {_MAX_DEPTH} levels deep")

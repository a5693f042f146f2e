"""
Values ⇄ wire messages, with their types kept: an int stays an int, a `numpy.float64` a `numpy.float64`, a tuple a
tuple. See docs/protocol.md, "Values".
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from gymwire.errors import GymwireError, describe_exception, safe_repr
from gymwire.v1 import value_pb2 as pb

T = TypeVar("T")

if sys.byteorder != "little":
    raise GymwireError("UNSUPPORTED", "gymwire needs a little-endian machine: arrays travel as their memory lies")

WIRE_DTYPES: Mapping[str, pb.DType] = {
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
_DTYPES: Mapping[int, np.dtype[Any]] = {int(wire): np.dtype(name) for name, wire in WIRE_DTYPES.items()}
# A dtype makes its name anew each time, which takes longer than the rest of a small tensor.
_BY_DTYPE: Mapping[np.dtype[Any], pb.DType] = {np.dtype(name): wire for name, wire in WIRE_DTYPES.items()}

# Deeper nesting is refused: a hostile message must not exhaust the stack. A dictionary takes three messages a level,
# and the decoders of C++, Java and Python take 100 at most: 32 levels fit, with the reply around them.
_MAX_DEPTH = 32
_TOO_DEEP = f"values nest at most {_MAX_DEPTH} levels deep"
#: What cannot be read says itself why, at any length.
_MAX_WHY_LENGTH = 500
# NumPy's own limit, which was 32 before version 2.
_MAX_RANK = 64 if int(np.__version__.split(".", maxsplit=1)[0]) >= 2 else 32


def encode_dtype(dtype: np.dtype[Any]) -> pb.DType:
    """Raises GymwireError MALFORMED for a dtype that the wire does not know, such as float16."""
    wire = _BY_DTYPE.get(dtype)
    if wire is None:
        # Of another byte order, for instance.
        wire = WIRE_DTYPES.get(dtype.name)
    if wire is None:
        raise GymwireError("MALFORMED", _unknown_dtype(dtype))
    return wire


def travels_as_it_lies(dtype: np.dtype[Any]) -> bool:
    """Whether it is one of the wire's, in the wire's byte order."""
    return dtype in _BY_DTYPE


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


@dataclass(frozen=True)
class Foreign:
    """Something that has no place on the wire."""

    #: Where it was: `info["traj"]["x"]`.
    path: str
    #: What it is, and what to hand over instead.
    why: str
    is_too_deep: bool = False


def encode_value(value: Any, where: str = "value") -> pb.Value:
    """
    Arrays of other libraries, such as JAX and PyTorch, travel as NumPy's if they are on the CPU.

    Raises GymwireError MALFORMED with the path for an int beyond 64 bits, nesting deeper than 32, or what is no value.
    """
    # A walk that refuses leaves nothing out.
    return _Walk(where, refuses=True).value(value) or pb.Value()


def encode_dict(value: Mapping[Any, Any], where: str = "value") -> pb.DictValue:
    """As `encode_value`."""
    return pb.DictValue(entries=encode_entries(value, where))


def encode_entries(value: Mapping[Any, Any], where: str = "value") -> list[pb.DictEntry]:
    """As `encode_value`."""
    return _Walk(where, refuses=True).dictionary(value) or []


def encode_what_travels(
    value: Mapping[Any, Any], where: str, *, max_entries: float = math.inf, max_bytes: float = math.inf
) -> tuple[list[pb.DictEntry] | None, list[Foreign]]:
    """
    The entries without those that have no place on the wire, and what these are. A list without one of its items would
    be another list: all of it is left out; so is what holds nothing but what nests too deep. None: it is no dictionary.

    :param max_entries: of dictionaries and lists, at all levels together
    :param max_bytes: of texts (in characters), bytes and arrays together
    :raises TooLargeError: with the path
    """
    walk = _Walk(where, refuses=False, max_entries=max_entries, max_bytes=max_bytes)
    return walk.dictionary(value), walk.found


class TooLargeError(GymwireError):
    """The message is the path, and what is too large."""

    def __init__(self, message: str) -> None:
        super().__init__("ENV_FAILED", message)


class _Walk:
    """Through a value, into messages. Where something is foreign, None stands in its place."""

    def __init__(
        self, where: str, *, refuses: bool, max_entries: float = math.inf, max_bytes: float = math.inf
    ) -> None:
        self._where = where
        self._refuses = refuses
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entry_count = 0
        self._byte_count = 0
        self._path: list[Any] = []
        #: What the value at hand lies in: a dictionary that holds itself twice would be walked for ages.
        self._around: list[int] = []
        self.found: list[Foreign] = []

    def value(self, value: Any) -> pb.Value | None:
        if len(self._path) > _MAX_DEPTH:
            return self._foreign(_TOO_DEEP, is_too_deep=True)
        try:
            return self._value(value)
        except GymwireError:
            raise
        except Exception as thrown:  # noqa: BLE001 -- of an object's own code
            return self._foreign(f"it cannot be read: {describe_exception(thrown)}")

    def dictionary(self, value: Any) -> list[pb.DictEntry] | None:
        if not isinstance(value, Mapping):
            return self._foreign(f"expected a dictionary, got {_kind_of(value)}")
        try:
            return self._inside(value, self._entries)
        except GymwireError:
            raise
        except Exception as thrown:  # noqa: BLE001 -- of an object's own code
            return self._foreign(f"it cannot be read: {describe_exception(thrown)}")

    def _value(self, value: Any) -> pb.Value | None:
        # NumPy's scalars first: a numpy.float64 is also a float.
        if isinstance(value, (np.generic, np.ndarray)):
            return self._array(value)
        if value is None:
            return pb.Value(null=pb.NullValue())
        if isinstance(value, bool):
            return pb.Value(bool=value)
        if isinstance(value, int):
            return self._integer(value)
        if isinstance(value, float):
            return pb.Value(float=value)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, (bytes, bytearray)):
            self._weigh(len(value))
            return pb.Value(bytes=bytes(value))
        if isinstance(value, (tuple, list)):
            items = self._inside(value, self._items)
            if items is None:
                return None
            return pb.Value(tuple=items) if isinstance(value, tuple) else pb.Value(list=items)
        if isinstance(value, Mapping):
            entries = self._inside(value, self._entries)
            return None if entries is None else pb.Value(dict=pb.DictValue(entries=entries))
        plain = plain_of(value)
        return self._foreign(_cannot_travel(value)) if plain is None else self._value(plain)

    def _weigh(self, count: int) -> None:
        self._byte_count += count
        if self._byte_count > self._max_bytes:
            raise TooLargeError(
                f"{self._here()}: {self._byte_count} bytes so far, and at most {self._max_bytes} may be"
            )

    def _count_entry(self) -> None:
        self._entry_count += 1
        if self._entry_count > self._max_entries:
            why = f"more than the {self._max_entries} entries that there may be; send many numbers as one array"
            raise TooLargeError(f"{self._here()}: {why}")

    def _here(self) -> str:
        return self._where + "".join(map(_step, self._path))

    def _array(self, value: np.generic | np.ndarray[Any, Any]) -> pb.Value | None:
        if isinstance(value, np.str_):
            return self._text(str(value))
        if isinstance(value, np.bytes_):
            return pb.Value(bytes=bytes(value))
        if isinstance(value, np.ma.MaskedArray):
            return self._foreign("a masked array cannot travel, its mask would be lost: use filled()")
        if value.dtype not in _BY_DTYPE and value.dtype.name not in WIRE_DTYPES:
            return self._foreign(_unknown_dtype(value.dtype))
        self._weigh(value.nbytes)
        tensor = encode_tensor(value)
        return pb.Value(scalar=tensor) if isinstance(value, np.generic) else pb.Value(tensor=tensor)

    def _integer(self, value: int) -> pb.Value | None:
        if -(2**63) <= value < 2**63:
            return pb.Value(int=value)
        size = str(value) if value.bit_length() < 400 else f"of {value.bit_length()} bits"
        return self._foreign(f"integer {size} does not fit into 64 bits: use a string")

    def _text(self, text: str) -> pb.Value | None:
        if _is_unicode(text):
            self._weigh(len(text))
            return pb.Value(string=text)
        return self._foreign(f"the text {text[:100]!r} is no valid Unicode")

    def _inside(self, value: Any, encode: Callable[[Any], T | None]) -> T | None:
        if id(value) in self._around:
            return self._foreign("it contains itself")
        self._around.append(id(value))
        try:
            return encode(value)
        finally:
            self._around.pop()

    def _entries(self, value: Mapping[Any, Any]) -> list[pb.DictEntry] | None:
        entries = []
        found = len(self.found)
        for key in value:
            self._path.append(key)
            try:
                encoded = self._entry(key, value)
            finally:
                self._path.pop()
            if encoded is not None:
                entries.append(pb.DictEntry(key=key, value=encoded))
        inner = self.found[found:]
        if self._path and inner and not entries and all(one.is_too_deep for one in inner):
            # The branch goes at its top: nobody is helped by a chain of empty dictionaries.
            del self.found[found:]
            return self._foreign(_TOO_DEEP, is_too_deep=True)
        return entries

    def _entry(self, key: Any, value: Mapping[Any, Any]) -> pb.Value | None:
        if not isinstance(key, str):
            return self._foreign(f"a dictionary's keys must be strings, got {_kind_of(key)}")
        if not _is_unicode(key):
            return self._foreign("the key is no valid Unicode")
        self._count_entry()
        self._weigh(len(key))
        try:
            item = value[key]
        except Exception as thrown:  # noqa: BLE001 -- of an object's own code
            return self._foreign(f"it cannot be read: {describe_exception(thrown)}")
        return self.value(item)

    def _items(self, items: Sequence[Any]) -> pb.ListValue | None:
        values = []
        for index, item in enumerate(items):
            self._path.append(index)
            try:
                self._count_entry()
                encoded = self.value(item)
            finally:
                self._path.pop()
            if encoded is None:
                return None
            values.append(encoded)
        return pb.ListValue(values=values)

    def _foreign(self, why: str, *, is_too_deep: bool = False) -> Any:
        """None, in the place of a value."""
        one = Foreign(self._here(), why if len(why) <= _MAX_WHY_LENGTH else f"{why[:_MAX_WHY_LENGTH]}…", is_too_deep)
        if self._refuses:
            raise GymwireError("MALFORMED", f"{one.path}: {one.why}", {"where": one.path})
        self.found.append(one)
        return None


def plain_of(value: Any) -> Any:
    """
    What NumPy or Python makes of a number or an array of another library, a scalar where it has no dimensions; None of
    anything else, and of tables, whose labels would be lost. No library is imported for it.

    Raises what the library raises where the array is not the CPU's, or belongs to a graph of gradients.
    """
    kind = type(value)
    if any(hasattr(kind, labels) for labels in ("iloc", "coords")):
        return None
    if hasattr(kind, "__array__"):
        array = np.asarray(value)
        if array.dtype.kind == "O":
            return None
        return array[()] if array.ndim == 0 else array
    if not callable(getattr(kind, "item", None)):
        return None
    scalar = value.item()
    return scalar if isinstance(scalar, (bool, int, float, np.generic)) else None


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


def _decode_scalar(wire: pb.Tensor, where: str) -> Any:
    array = decode_tensor(wire, where)
    if array.shape != ():
        shape = ", ".join(map(str, array.shape))
        raise GymwireError("MALFORMED", f"{where}: a scalar has shape [], got [{shape}]")
    return array[()]


def _decode_items(values: Iterable[pb.Value], where: str, depth: int) -> list[Any]:
    return [decode_value(value, f"{where}[{index}]", depth + 1) for index, value in enumerate(values)]


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _step(key: Any) -> str:
    if isinstance(key, str):
        return f"[{json.dumps(key if len(key) <= 100 else f'{key[:100]}…', ensure_ascii=False)}]"
    return f"[{key if type(key) is int else safe_repr(key)}]"


def _kind_of(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


# By the name of the class or of one that it inherits from.
_INSTEAD = {
    "Enum": "its value or name",
    "date": "isoformat() or timestamp()",
    "time": "isoformat()",
    "timedelta": "total_seconds()",
    "set": "a list",
    "frozenset": "a list",
    "deque": "a list",
    "complex": "two floats",
    "PurePath": "str()",
    "Decimal": "float() or str()",
    "Fraction": "float() or str()",
    "DataFrame": "to_dict()",
    "Series": "to_dict() or to_numpy()",
}


def _cannot_travel(value: Any) -> str:
    names = (base.__name__ for base in type(value).__mro__)
    remedy = next((_INSTEAD[name] for name in names if name in _INSTEAD), None)
    use = remedy or "numbers, strings, lists, tuples, dictionaries, arrays"
    return f"{_kind_of(value)} cannot travel: use {use}"


def _unknown_dtype(dtype: np.dtype[Any]) -> str:
    remedies = {"f": "astype(np.float32)", "U": "tolist()", "S": "tolist()", "M": "astype(np.int64)", "O": "tolist()"}
    remedy = f"use {remedies[dtype.kind]}, or one of" if dtype.kind in remedies else "expected"
    return f"an array of dtype {dtype} cannot travel; {remedy} {', '.join(WIRE_DTYPES)}"


def _too_deep(where: str) -> GymwireError:
    return GymwireError("MALFORMED", f"{where}: {_TOO_DEEP}")

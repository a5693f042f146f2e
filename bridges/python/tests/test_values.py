"""Values and spaces keep their types, and what does not follow the protocol is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gymnasium import spaces

from gymwire import GymwireError
from gymwire.codec.spaces import decode_space, encode_space
from gymwire.codec.values import decode_value, encode_value
from gymwire.conformance_env import _every_type
from gymwire.session.batch import stack, unstack
from gymwire.session.space_member import find_mismatch
from gymwire.v1 import space_pb2, value_pb2


def assert_same(a, b):
    """Equal in type, dtype, shape and bits, through all levels."""
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    elif isinstance(a, (np.ndarray, np.generic)):
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    elif isinstance(a, float):
        assert (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    else:
        assert a == b


def through_the_wire(value):
    return decode_value(value_pb2.Value.FromString(encode_value(value).SerializeToString()), "value")


@pytest.mark.parametrize("name", _every_type())
def test_a_value_keeps_its_type(name):
    value = _every_type()[name]
    assert_same(through_the_wire(value), value)


def test_arrays_arrive_as_arrays_of_their_own_in_c_order():
    fortran = np.asfortranarray(np.arange(6.0).reshape(2, 3))[:, ::-1]
    arrived = through_the_wire(fortran)
    assert arrived.flags.c_contiguous
    assert arrived.flags.writeable
    np.testing.assert_array_equal(arrived, fortran)
    assert_same(through_the_wire(np.array([1, 2], ">i4")), np.array([1, 2], np.int32))


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, object(), {1, 2}, {1: "a"}, np.zeros(2, np.float16), np.array(["a"]), 1j, "\ud800"],
    ids=repr,
)
def test_what_the_wire_does_not_know_is_refused(value):
    with pytest.raises(GymwireError, match="MALFORMED"):
        encode_value(value)


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def test_values_nest_32_levels_deep():
    assert_same(through_the_wire(nested(32)), nested(32))
    with pytest.raises(GymwireError, match="at most 32 levels"):
        encode_value(nested(33))


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        ({"dtype": 11, "shape": [2], "data": bytes(8)}, "takes 16 bytes, got 8"),
        ({"dtype": 11, "shape": [2**31, 2**31, 2**31], "data": b""}, "got 0"),
        ({"dtype": 1, "shape": [1], "data": b"\2"}, "0 or 1"),
        ({"dtype": 99, "shape": [], "data": b""}, "known dtype"),
        ({"dtype": 2, "shape": [1] * 65, "data": b"\0"}, "dimensions"),
        ({"dtype": 2, "shape": [0, 2**31, 2**31, 2**31], "data": b""}, "value"),
    ],
)
def test_a_bad_tensor_is_malformed(tensor, message):
    with pytest.raises(GymwireError, match=message) as caught:
        decode_value(value_pb2.Value(tensor=value_pb2.Tensor(**tensor)), "value")
    assert caught.value.code == "MALFORMED"


ALL_SPACES = [
    spaces.Box(np.array([-1, -np.inf]), np.array([np.inf, 2]), dtype=np.float64),
    spaces.Box(0, 255, (2, 3), np.uint8),
    spaces.Box(-1, 1, (), np.float32),
    spaces.Discrete(5, start=-2),
    spaces.MultiBinary([2, 3]),
    spaces.MultiDiscrete(np.array([3, 4]), start=np.array([0, -1])),
    spaces.Text(min_length=1, max_length=4, charset="abc"),
    spaces.Tuple((spaces.Discrete(3), spaces.Box(0, 1, (2,), np.float32))),
    spaces.Dict({"b": spaces.Discrete(2), "a": spaces.Dict({"x": spaces.MultiBinary(3)})}),
]


@pytest.mark.parametrize("space", ALL_SPACES, ids=str)
def test_a_space_arrives_equal_with_its_members_and_batches(space):
    wire = space_pb2.Space.FromString(encode_space(space).SerializeToString())
    arrived = decode_space(wire, "space")
    assert arrived == space
    space.seed(1)
    rows = [space.sample() for _ in range(3)]
    for row in rows:
        assert find_mismatch(arrived, through_the_wire(row), "row", bounds=True) is None
    back = unstack(space, through_the_wire(stack(space, rows)), 3)
    for row, again in zip(rows, back, strict=True):
        assert find_mismatch(space, again, "row", bounds=True) is None
        assert str(row) == str(again) or isinstance(space, (spaces.Tuple, spaces.Dict))


def test_a_space_keeps_the_order_of_its_keys():
    entries = [space_pb2.DictSpaceEntry(key=key, space=encode_space(spaces.Discrete(2))) for key in ("z", "a")]
    wire = space_pb2.Space(dict=space_pb2.DictSpace(entries=entries))
    assert list(decode_space(wire, "space").spaces) == ["z", "a"]
    assert encode_space(decode_space(wire, "space")) == wire


def test_a_space_that_the_wire_does_not_know_is_unsupported():
    with pytest.raises(GymwireError, match="UNSUPPORTED"):
        encode_space(spaces.Sequence(spaces.Discrete(2)))

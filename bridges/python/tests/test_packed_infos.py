"""Infos packed by columns, held against the same infos as dictionaries, one an environment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gymnasium.vector import VectorEnv

from gymwire.client.vector_infos import gather_infos
from gymwire.codec.packed_infos import decode_infos, encode_infos, plain_info
from gymwire.codec.values import encode_dict, encode_tensor, encode_value
from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

GOLDEN = Path(__file__).resolve().parents[3] / "test" / "golden" / "packed-infos.hex"

KINDS = [
    lambda rng: float(rng.normal()),
    lambda rng: float("nan"),
    lambda rng: -0.0,
    lambda rng: int(rng.integers(-(2**62), 2**62)),
    lambda rng: bool(rng.integers(2)),
    lambda rng: np.float32(rng.normal()),
    lambda rng: np.float64(rng.normal()),
    lambda rng: np.int8(rng.integers(100)),
    lambda rng: np.uint64(rng.integers(2**62)),
    lambda rng: np.bool_(rng.integers(2)),
    lambda rng: rng.normal(size=3).astype(np.float32),
    lambda rng: np.array(rng.normal()),
    lambda rng: rng.normal(size=(2, 0)),
    lambda rng: rng.integers(0, 9, (2, 3)).T,
    lambda rng: rng.normal(size=2).astype(">f8"),
    lambda rng: "text",
    lambda rng: None,
    lambda rng: {"inner": float(rng.normal()), "more": {"x": 1}},
    lambda rng: [1, 2.0],
    lambda rng: (1, np.zeros(2)),
    lambda rng: 2**63,
]


def random_infos(rng: np.random.Generator, count: int) -> list[dict]:
    """Of one or two forms, as simulators return them: one of them now and then has another one."""
    forms = [
        [(f"key {k}", KINDS[rng.integers(len(KINDS) - (rng.random() < 0.6) * 6)]) for k in range(rng.integers(0, 5))]
        for _ in range(2)
    ]
    usual = rng.random()
    return [{key: make(rng) for key, make in forms[0 if rng.random() < usual else 1]} for _ in range(count)]


def wire_of(infos: list[dict], *, packs: bool) -> pb.StepResponse:
    captured = [(i, plain_info(info) or encode_dict(travelling(info))) for i, info in enumerate(infos)]
    loose, packed = encode_infos(captured, len(infos), packs=packs)
    message = pb.StepResponse(infos=loose, packed_infos=packed)
    return pb.StepResponse.FromString(message.SerializeToString())


def travelling(info: dict) -> dict:
    return {key: value for key, value in info.items() if not (type(value) is int and value >= 2**63)}


def same(one, other) -> bool:
    """To the bit, with types, dtypes and the order of keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (np.ndarray, np.generic)):
        if one.dtype == object:
            return one.shape == other.shape and all(map(same, one.ravel().tolist(), other.ravel().tolist()))
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return np.float64(one).tobytes() == np.float64(other).tobytes()
    return one == other


@pytest.mark.parametrize("seed", range(60))
def test_packed_infos_are_those_of_single_dictionaries(seed):
    rng = np.random.default_rng(seed)
    infos = random_infos(rng, int(rng.integers(1, 9)))
    loose, packed = wire_of(infos, packs=False), wire_of(infos, packs=True)
    assert len(loose.packed_infos) == 0
    expected = decode_infos(loose.infos, [], "info")
    assert expected.keys() == {i for i, info in enumerate(infos) if travelling(info)}
    assert same(expected, decode_infos(packed.infos, packed.packed_infos, "info"))


class Gatherer(VectorEnv):
    def __init__(self, num_envs: int) -> None:
        self.num_envs = num_envs


@pytest.mark.parametrize("seed", range(60))
def test_vector_infos_are_those_that_gymnasium_gathers_one_by_one(seed):
    rng = np.random.default_rng(1000 + seed)
    infos = random_infos(rng, int(rng.integers(1, 9)))
    env = Gatherer(len(infos))
    finals = {i: {"final_obs": i, "final_info": {"x": 1.5}} for i in range(len(infos)) if rng.random() < 0.2}
    packed = wire_of(infos, packs=True)
    expected: dict = {}
    try:
        for i in range(len(infos)):
            expected = env._add_info(expected, finals.get(i, {}), i)
            expected = env._add_info(expected, decode_infos(packed.infos, packed.packed_infos, "i").get(i, {}), i)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        # What Gymnasium cannot gather, it cannot gather here either.
        with pytest.raises(type(error)):
            gather_infos(packed.infos, packed.packed_infos, finals, env._add_info)
        return
    assert same(expected, gather_infos(packed.infos, packed.packed_infos, finals, env._add_info))


def test_an_info_is_copied_when_it_is_taken():
    array = np.zeros(2)
    info = {"array": array, "number": 1.0}
    taken = plain_info(info)
    array[0] = info["number"] = 7.0
    loose, packed = encode_infos([(0, taken)], 1, packs=True)
    assert decode_infos(loose, packed, "info")[0]["array"].tolist() == [0.0, 0.0]
    assert decode_infos(loose, packed, "info")[0]["number"] == 1.0


def test_what_is_alike_travels_as_one_message_that_names_no_environments():
    message = wire_of([{"x": 1.5, "y": np.float32(i)} for i in range(3)], packs=True)
    assert len(message.infos) == 0
    assert message.packed_infos[0].env_indices == []
    assert [column.WhichOneof("rows") for column in message.packed_infos[0].columns] == ["floats", "scalars"]


def golden_infos() -> dict[int, dict]:
    def info(i: int) -> dict:
        return {
            "float": i / 2,
            "int": 2**40 + i,
            "bool": i % 2 == 1,
            "scalar": np.float32(i + 0.5),
            "array": np.array([[i, -i]], np.int16),
            "dict": {"inner": 0.25 * i, "more": {"x": np.array(float(i))}},
            "value": [None, "a text", (i,)],
        }

    return {0: {"only here": 1}, 2: info(2), 5: info(5)}


def golden_message() -> pb.StepResponse:
    """Also what this server does not write, and a reader must read."""
    infos = golden_infos()
    rows = [infos[2], infos[5]]

    def numbers(name: str, dtype: type, of=lambda row: row) -> value_pb2.Tensor:
        return encode_tensor(np.array([of(row)[name] for row in rows], dtype))

    more = pb.InfoColumns(columns=[pb.InfoColumn(key="x", arrays=numbers("x", float, lambda r: r["dict"]["more"]))])
    inner = pb.InfoColumn(key="inner", floats=numbers("inner", float, lambda row: row["dict"]))
    columns = [
        pb.InfoColumn(key="float", floats=numbers("float", float)),
        pb.InfoColumn(key="int", ints=numbers("int", np.int64)),
        pb.InfoColumn(key="bool", bools=numbers("bool", bool)),
        pb.InfoColumn(key="scalar", scalars=numbers("scalar", np.float32)),
        pb.InfoColumn(key="array", arrays=numbers("array", np.int16)),
        pb.InfoColumn(key="dict", dicts=pb.InfoColumns(columns=[inner, pb.InfoColumn(key="more", dicts=more)])),
        pb.InfoColumn(key="value", values=value_pb2.ListValue(values=[encode_value(row["value"]) for row in rows])),
    ]
    return pb.StepResponse(
        observation=encode_value(np.zeros(6, np.float32)),
        rewards=bytes(48),
        terminated=bytes(6),
        truncated=bytes(6),
        infos=[pb.EnvInfo(env_index=0, info=encode_dict(infos[0]))],
        packed_infos=[pb.PackedInfos(env_indices=[2, 5], columns=columns)],
    )


def test_the_golden_bytes_that_all_readers_read():
    text = GOLDEN.read_text().strip()
    assert golden_message().SerializeToString().hex() == text
    message = pb.StepResponse.FromString(bytes.fromhex(text))
    assert same(golden_infos(), decode_infos(message.infos, message.packed_infos, "info"))


def column(**rows) -> pb.PackedInfos:
    return pb.PackedInfos(columns=[pb.InfoColumn(key="x", **rows)])


FLOATS = {"dtype": 11, "shape": [2], "data": b"\0" * 16}


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        (pb.PackedInfos(), "at least one column"),
        (column(), "expected rows"),
        (column(floats={**FLOATS, "dtype": 8}), "floats are float64"),
        (column(scalars={"dtype": 11, "shape": [1, 2], "data": b"\0" * 16}), "scalars are float64 \\[rows\\]"),
        (pb.PackedInfos(columns=[*column(floats=FLOATS).columns] * 2), "a key occurs twice"),
        (
            pb.PackedInfos(env_indices=[1], columns=column(floats=FLOATS).columns),
            "expected 1 rows, got 2",
        ),
    ],
)
def test_malformed_columns_are_refused(wire, says):
    with pytest.raises(GymwireError, match=f"MALFORMED.*{says}"):
        decode_infos([], [wire], "info")


def test_two_infos_of_one_environment_are_refused():
    both = [pb.EnvInfo(env_index=0, info=encode_dict({"y": 1}))]
    with pytest.raises(GymwireError, match="two infos"):
        decode_infos(both, [column(floats=FLOATS)], "info")
    with pytest.raises(GymwireError, match="two infos"):
        gather_infos(both, [column(floats=FLOATS)], {}, Gatherer(2)._add_info)

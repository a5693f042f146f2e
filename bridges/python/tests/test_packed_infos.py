"""Infos packed by columns, held against the same infos as dictionaries, one an environment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import VectorEnv

from gymwire import RemoteVectorEnv
from gymwire.client.vector_infos import gather_infos
from gymwire.codec import packed_infos
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
    expected = decode_infos(loose.infos, [], "info", len(infos))
    assert expected.keys() == {i for i, info in enumerate(infos) if travelling(info)}
    assert same(expected, decode_infos(packed.infos, packed.packed_infos, "info", len(infos)))


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
            own = decode_infos(packed.infos, packed.packed_infos, "i", len(infos)).get(i, {})
            expected = env._add_info(expected, own, i)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        # What Gymnasium cannot gather, it cannot gather here either.
        with pytest.raises(type(error)):
            gather_infos(packed.infos, packed.packed_infos, finals, env._add_info, len(infos))
        return
    assert same(expected, gather_infos(packed.infos, packed.packed_infos, finals, env._add_info, len(infos)))


def test_an_info_is_copied_when_it_is_taken():
    array = np.zeros(2)
    info = {"array": array, "number": 1.0}
    taken = plain_info(info)
    array[0] = info["number"] = 7.0
    loose, packed = encode_infos([(0, taken)], 1, packs=True)
    assert decode_infos(loose, packed, "info", 1)[0]["array"].tolist() == [0.0, 0.0]
    assert decode_infos(loose, packed, "info", 1)[0]["number"] == 1.0


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
    assert same(golden_infos(), decode_infos(message.infos, message.packed_infos, "info", 6))


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
        decode_infos([], [wire], "info", 2)


def test_two_infos_of_one_environment_are_refused():
    both = [pb.EnvInfo(env_index=0, info=encode_dict({"y": 1}))]
    with pytest.raises(GymwireError, match="two infos"):
        decode_infos(both, [column(floats=FLOATS)], "info", 2)
    with pytest.raises(GymwireError, match="two infos"):
        gather_infos(both, [column(floats=FLOATS)], {}, Gatherer(2)._add_info, 2)


def floats(count: int) -> value_pb2.Tensor:
    return encode_tensor(np.arange(float(count)))


def of(indices: list[int], count: int) -> pb.PackedInfos:
    return pb.PackedInfos(env_indices=indices, columns=column(floats=floats(count)).columns)


NOTHING = value_pb2.Tensor(dtype=10, shape=[4_000_000_000, 0])
INNER = pb.InfoColumns(columns=[pb.InfoColumn(key="y", arrays=NOTHING)])


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        (column(arrays=NOTHING), "expected rows of 1 to 2 environments, got 4000000000"),
        (column(dicts=INNER), "expected rows of 1 to 2 environments, got 4000000000"),
        (
            pb.PackedInfos(env_indices=[0, 1], columns=column(arrays=NOTHING).columns),
            "expected 2 rows, got 4000000000",
        ),
        (column(floats=floats(3)), "expected rows of 1 to 2 environments, got 3"),
        (column(floats=floats(0)), "expected rows of 1 to 2 environments, got 0"),
        (column(values=value_pb2.ListValue()), "expected rows of 1 to 2 environments, got 0"),
        (column(dicts=pb.InfoColumns()), "expected rows of 1 to 2 environments, got 0"),
        (column(scalars=encode_tensor(np.array(1.0))), "expected rows of 1 to 2 environments, got 0"),
        (of([1, 1], 2), "expected indices of 2 environments, ascending, got some that are not"),
        (of([1, 0], 2), "expected indices of 2 environments, ascending, got some that are not"),
        (of([2], 1), "expected indices of 2 environments, ascending, got 2"),
        (of([4_000_000_000], 1), "expected indices of 2 environments, ascending, got 4000000000"),
        (of([0, 1, 2], 3), "expected indices of 2 environments, ascending, got 3 of them"),
        (
            pb.PackedInfos(columns=[pb.InfoColumn(key="x", dicts={}), *column(floats=floats(2)).columns]),
            "expected rows of 1 to 2 environments, got 0",
        ),
    ],
)
def test_rows_that_no_environment_has_are_refused_before_they_are_decoded(wire, says, monkeypatch):
    monkeypatch.setattr(packed_infos, "decode_tensor", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(GymwireError, match=f"MALFORMED: info.*{says}"):
        decode_infos([], [wire], "info", 2)
    with pytest.raises(GymwireError, match=f"MALFORMED: info.*{says}"):
        gather_infos([], [wire], {}, Gatherer(2)._add_info, 2)


@pytest.mark.parametrize(("indices", "says"), [([7], "no environment 7 among 2"), ([1, 1], "environment 1 has two")])
def test_single_infos_of_no_environment_or_of_one_twice_are_refused(indices, says):
    loose = [pb.EnvInfo(env_index=index, info=encode_dict({"y": 1})) for index in indices]
    with pytest.raises(GymwireError, match=f"MALFORMED: info: {says}"):
        decode_infos(loose, [], "info", 2)
    with pytest.raises(GymwireError, match=f"MALFORMED: info: {says}"):
        gather_infos(loose, [], {}, Gatherer(2)._add_info, 2)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"packed_final_infos": [of([0], 1)]}, "final_info: environment 0 has one, and ended no episode"),
        ({"final_infos": [pb.EnvInfo(env_index=1)]}, "final_info: environment 1 has one, and ended no episode"),
        (
            {"packed_final_infos": [of([0, 1], 2)], "final_env_indices": [1]},
            "final_info: environment 0 has one, and ended no episode",
        ),
        (
            {"packed_final_infos": [column(floats=floats(2))], "final_env_indices": [0]},
            "final_info: environment 1 has one, and ended no episode",
        ),
        ({"packed_final_infos": [column(floats=floats(3))], "final_env_indices": [0]}, "1 to 2 environments, got 3"),
        ({"final_env_indices": [2]}, "final_env_indices: expected indices of 2 environments, ascending, got 2"),
        ({"final_env_indices": [1, 0]}, "final_env_indices: expected indices of 2 environments, ascending"),
    ],
)
def test_last_infos_of_episodes_that_did_not_end_are_refused(told, says):
    env = object.__new__(RemoteVectorEnv)
    env.num_envs = 2
    env.single_observation_space = spaces.Box(0, 1, (1,), np.float64)
    reply = pb.StepResponse(final_observation=encode_value(np.zeros((1, 1))), **told)
    with pytest.raises(GymwireError, match=f"MALFORMED: .*{says}"):
        env._infos_of(reply)


def test_what_is_remembered_of_infos_does_not_grow_with_their_keys(monkeypatch):
    monkeypatch.setattr(packed_infos, "_forms", {})
    assert plain_info({f"key {k}": 1.0 for k in range(65)}) is None
    assert packed_infos._forms == {}
    assert plain_info({f"key {k}": 1.0 for k in range(64)}) is not None
    assert len(packed_infos._forms) == 1

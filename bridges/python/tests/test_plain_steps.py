"""Steps of many environments, read at once, held against the same environments read one by one: replies and faults."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from gymwire.codec.values import encode_value
from gymwire.errors import GymwireError
from gymwire.session import env_group, step_checks
from gymwire.session.batch import stack
from gymwire.session.client_text import ClientText
from gymwire.session.env_group import EnvGroup
from gymwire.session.listed_members import ListedMembers
from gymwire.session.notes import Notes
from gymwire.session.read_reply import ReplyRules
from gymwire.v1 import env_service_pb2 as pb

COUNT = 5
MODES = [pb.AUTORESET_MODE_DISABLED, pb.AUTORESET_MODE_NEXT_STEP, pb.AUTORESET_MODE_SAME_STEP]

OBSERVATIONS = [
    spaces.Box(-1, 1, (3,), np.float32),
    spaces.Box(-np.inf, np.inf, (2, 2), np.float64),
    spaces.Box(0, 255, (4,), np.uint8),
    spaces.Box(-5, 5, (), np.float64),
    spaces.Discrete(4, start=-1),
    spaces.MultiDiscrete([3, 4]),
    spaces.MultiBinary(3),
    spaces.Text(3),
    spaces.Dict(a=spaces.Box(-1, 1, (2,), np.float32), b=spaces.Tuple((spaces.Discrete(3), spaces.Box(-1, 1, (1,))))),
    spaces.Dict(a=spaces.Box(-1, 1, (2,), np.float32), t=spaces.Text(2)),
]
ACTIONS = [
    spaces.Box(-1, 1, (2,), np.float32),
    spaces.Discrete(3, start=2),
    spaces.MultiDiscrete([2, 3]),
    spaces.Dict(x=spaces.Box(-1, 1, (1,), np.float64)),
]


def another(observation, rng):
    """As simulators get it wrong, or nearly: other types, dtypes and shapes, and numbers that are none."""
    if isinstance(observation, dict):
        key = rng.choice(list(observation))
        odd = {**observation, key: another(observation[key], rng)}
        return odd if rng.random() < 0.8 else {**odd, "more": 1}
    if isinstance(observation, tuple):
        return list(observation)
    array = np.asarray(observation)
    if array.dtype.kind not in "iuf":
        return 7
    kinds = [
        lambda: array.astype(np.float32),
        lambda: array.astype(np.float64),
        lambda: array.tolist(),
        lambda: array.astype(array.dtype.newbyteorder()),
        lambda: np.ma.masked_array(array),
        lambda: array[None],
        lambda: array * 0 + 100,
        lambda: np.full(array.shape, np.nan, array.dtype) if array.dtype.kind == "f" else array + 1,
        lambda: np.full(array.shape, np.inf, array.dtype) if array.dtype.kind == "f" else array - 9,
        lambda: None,
    ]
    return kinds[rng.integers(len(kinds))]()


class Scripted:
    """Plays the same of the same seed, whatever it is asked; now and then what it should not."""

    def __init__(self, observation_space, action_space, seed, oddness):
        self.observation_space, self.action_space = observation_space, action_space
        self.rng = np.random.default_rng(seed)
        self.oddness = oddness
        self.actions = []
        self.reused = None

    def _observe(self):
        # Spaces draw by a generator of their own, which all environments of a session share here.
        self.observation_space.seed(int(self.rng.integers(2**31)))
        observation = self.observation_space.sample()
        if self.rng.random() < self.oddness:
            return another(observation, self.rng)
        if isinstance(observation, np.ndarray):
            # One array again and again.
            if self.reused is None:
                self.reused = observation
            self.reused[...] = observation
            return self.reused
        return observation

    def _info(self):
        infos = [
            {},
            {"x": 1.5},
            {"x": self.rng.normal(), "n": 3},
            {"s": "text"},
            {"bad": object()},
            None,
            {"a": np.zeros(2)},
        ]
        return infos[self.rng.integers(len(infos)) if self.rng.random() < 0.3 + self.oddness else 0]

    def reset(self, *, seed=None, options=None):
        return self._observe(), self._info() or {}

    def step(self, action):
        self.actions.append(repr(action) + str(type(action)))
        rng = self.rng
        if rng.random() < self.oddness / 3:
            raise [ValueError("broken"), GymwireError("UNSUPPORTED", "no"), GymwireError("SESSION_GONE", "x")][
                rng.integers(3)
            ]
        rewards = [0.5, np.float64(1.25), np.float32(0.1), 1, np.array(2.0), np.array([3.0])]
        odd_rewards = [float("nan"), "1", True, None]
        is_odd = rng.random() < self.oddness / 2
        reward = (odd_rewards if is_odd else rewards)[rng.integers(4)]
        flags = [bool(rng.random() < 0.1), np.bool_(rng.random() < 0.1), np.array(rng.random() < 0.1)]
        terminated, truncated = flags[rng.integers(3)], flags[rng.integers(3)]
        if rng.random() < self.oddness / 4:
            truncated = "no"
        reply = (self._observe(), reward, terminated, truncated, self._info())
        return list(reply) if rng.random() < self.oddness / 4 else reply


def play(seed: int) -> list:
    """All that a client and an operator come to know."""
    rng = np.random.default_rng(seed)
    observation_space = OBSERVATIONS[rng.integers(len(OBSERVATIONS))]
    action_space = ACTIONS[rng.integers(len(ACTIONS))]
    oddness = float(rng.choice([0.0, 0.03, 0.2]))
    envs = [Scripted(observation_space, action_space, int(rng.integers(2**31)), oddness) for _ in range(COUNT)]
    request = pb.MakeSessionRequest(
        num_envs=COUNT,
        autoreset_mode=MODES[rng.integers(3)],
        out_of_bounds_rule=pb.OUT_OF_BOUNDS_RULE_REJECT if rng.random() < 0.5 else pb.OUT_OF_BOUNDS_RULE_PASS,
        accepts_packed_infos=bool(rng.random() < 0.5),
    )
    if rng.random() < 0.5:
        request.max_episode_steps = int(rng.integers(1, 5))
    rules = ReplyRules(strict_info=bool(rng.random() < 0.3), cast_observations=bool(rng.random() < 0.3))
    group = EnvGroup(envs, request, ListedMembers(), rules, Notes(ClientText()))
    seen: list = []

    def tell(call):
        try:
            seen.append(call().SerializeToString(deterministic=True))
        except Exception as error:
            cause = type(error.__cause__).__name__
            seen.append((type(error).__name__, str(error), getattr(error, "details", None), cause))
        seen.append([note.text for note in group.notes.take()])
        seen.append([slot.phase for slot in group._slots])

    tell(lambda: group.reset(pb.ResetRequest(), 1))
    for number in range(25):
        # The same draws either way.
        action_space.seed(int(rng.integers(2**31)))
        batch = stack(action_space, [action_space.sample() for _ in range(COUNT)])
        if rng.random() < 0.1 and isinstance(batch, np.ndarray):
            batch = [batch * 3, batch[:2], batch.astype(np.float16 if batch.dtype.kind == "f" else np.int8)][
                rng.integers(2)
            ]
        action, seeds = encode_value(batch), b""
        if rng.random() < 0.3:
            seeds = rng.integers(2**31, size=COUNT).astype(np.uint64).tobytes()
        step = pb.StepRequest(action=action, next_seeds=seeds if request.autoreset_mode != 1 else b"")
        tell(lambda step=step, number=number: group.step(step, number + 2))
        if rng.random() < 0.3 or "failed" in seen[-1] or "ended" in seen[-1]:
            mask = [bool(rng.random() < 0.5) or slot.phase in ("failed", "new") for slot in group._slots]
            tell(lambda mask=mask, number=number: group.reset(pb.ResetRequest(mask=mask), number + 2))
    seen.append([env.actions for env in envs])
    return seen


@pytest.mark.parametrize("block", range(20))
def test_steps_read_at_once_are_those_read_one_by_one(block, monkeypatch):
    seeds = range(block * 15, (block + 1) * 15)
    at_once = [play(seed) for seed in seeds]
    monkeypatch.setattr(env_group, "plain_rows", lambda *_: None)
    monkeypatch.setattr(step_checks, "plain_actions", lambda *_, **__: None)
    one_by_one = [play(seed) for seed in seeds]
    for seed, expected, got in zip(seeds, one_by_one, at_once, strict=True):
        assert got == expected, f"seed {seed}"


def test_what_most_simulators_return_is_read_at_once(monkeypatch):
    def refuse(*_):
        raise AssertionError("read one by one")

    space = spaces.Box(-1, 1, (3,), np.float32)
    envs = [Scripted(space, ACTIONS[0], index, 0.0) for index in range(COUNT)]
    for env in envs:
        env.step = lambda _action: (np.zeros(3, np.float32), np.float64(1.0), False, np.bool_(False), {"x": 1.0})
    request = pb.MakeSessionRequest(num_envs=COUNT, autoreset_mode=MODES[2])
    group = EnvGroup(envs, request, ListedMembers(), ReplyRules(), Notes(ClientText()))
    group.reset(pb.ResetRequest(), 1)
    monkeypatch.setattr(group._reader, "read_step", refuse)
    monkeypatch.setattr(group._reader, "_check", refuse)
    assert group.step(pb.StepRequest(action=encode_value(np.zeros((COUNT, 2), np.float32))), 2).sequence == 2

"""Sessions whose environments are spread over processes, held against the same in one process."""

from __future__ import annotations

import errno
import os
import pickle
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import cloudpickle
import numpy as np
import pytest
from gymnasium import spaces

from gymwire import EnvRegistration
from gymwire.codec.values import encode_dict, encode_value
from gymwire.errors import GymwireError
from gymwire.session import part
from gymwire.session.batch import slice_of, stack
from gymwire.session.client_text import ClientText
from gymwire.session.env_group import EnvGroup
from gymwire.session.listed_members import ListedMembers, Recipe
from gymwire.session.notes import Notes
from gymwire.session.read_reply import ReplyRules
from gymwire.session.split_group import SplitGroup, shares_of
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

COUNT = 5
OBSERVATION = spaces.Dict(
    box=spaces.Box(-1, 1, (2,), np.float32),
    parts=spaces.Tuple((spaces.Discrete(9), spaces.Text(3), spaces.MultiBinary(2))),
)
ACTION = spaces.Dict(push=spaces.Box(-1, 1, (1,), np.float32), word=spaces.Text(3))


class Odd:
    """What it does is drawn from its seed; now and then it fails, or says what it should not."""

    observation_space = OBSERVATION
    action_space = ACTION
    metadata = {"render_modes": ["rgb_array"], "render_fps": 5}  # noqa: RUF012
    render_mode = "rgb_array"

    def __init__(self, render_mode=None):
        self.rng = np.random.default_rng(0)
        self.steps = 0

    def _observe(self):
        box = self.rng.uniform(-1, 1, 2).astype(np.float32)
        if self.rng.random() < 0.03:
            box[0] = np.nan
        return {
            "box": box,
            "parts": (int(self.rng.integers(9)), "abc"[: self.rng.integers(1, 4)], np.array([0, 1], np.int8)),
        }

    def _info(self):
        infos = [{}, {"x": float(self.rng.normal()), "n": self.steps}, {"text": "é"}, {"bad": object()}]
        return infos[self.rng.integers(4)]

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self.steps = 0
        return self._observe(), {**self._info(), **(options or {})}

    def step(self, action):
        self.steps += 1
        if self.rng.random() < 0.05:
            raise ValueError(f"broken at {self.steps}")
        return self._observe(), float(action["push"][0]), bool(self.rng.random() < 0.1), False, self._info()

    def render(self):
        return np.full((2, 3, 3), self.steps, np.uint8)

    def echo(self, word):
        if self.rng.random() < 0.3:
            raise RuntimeError("told to")
        return [word, self.steps]


MEMBERS = ListedMembers(("echo",), ("steps",))


def play(group, seed: int, mode: int) -> list:
    """All that a client comes to know."""
    rng = np.random.default_rng(seed)
    seen: list = []

    def tell(call):
        try:
            answer = call()
            if isinstance(answer, list):
                answer = pb.ReadAttributeResponse(values=answer)
            if isinstance(answer, (pb.StepResponse, pb.ResetResponse)):
                # Whether what is alike is one message or one a process: the infos are the same.
                answer.packed_infos.sort(key=lambda one: (one.env_indices[:1] or [0])[0])
            seen.append(answer.SerializeToString(deterministic=True))
        except GymwireError as error:
            seen.append((error.code, error.message.split(" (test", 1)[0].split(" (tests/", 1)[0]))

    for number in range(1, 30):
        draw = rng.random()
        seeds = [int(rng.integers(2**40)) for _ in range(COUNT)]
        if number == 1 or draw < 0.2:
            request = pb.ResetRequest(options=encode_dict({"o": 1}) if draw < 0.1 else None)
            if draw < 0.05:
                request.seed = 2**64 - 3 if draw < 0.02 else 7
            elif number == 1 or draw < 0.15:
                request.seeds.seeds.extend(pb.OptionalSeed(seed=one) for one in seeds)
            if number > 1 and draw < 0.12:
                request.mask.extend(bool(bit) for bit in rng.integers(2, size=COUNT + (draw < 0.01)))
            tell(lambda request=request, number=number: group.reset(request, number))
            continue
        if draw < 0.3:
            call = pb.CallMethodRequest(
                name="echo" if draw < 0.28 else "nothing", env_indices=[1, 4] if draw < 0.25 else []
            )
            call.arguments.CopyFrom(value_pb2.ListValue(values=[encode_value("w")]))
            tell(lambda call=call: group.call(call)())
            read = pb.ReadAttributeRequest(name="steps", env_indices=[2] if draw < 0.25 else [] if draw < 0.28 else [9])
            tell(lambda read=read: group.read(read))
            tell(lambda: group.render(pb.RenderRequest(env_index=int(rng.integers(COUNT + 1)))))
            continue
        actions = [{"push": rng.uniform(-1, 1, 1).astype(np.float32), "word": "ab"} for _ in range(COUNT)]
        if draw < 0.35:
            actions[rng.integers(COUNT)]["push"][0] = [np.nan, 7][rng.integers(2)]
        step = pb.StepRequest(action=encode_value(stack(ACTION, actions)))
        if draw > 0.8 and mode != pb.AUTORESET_MODE_DISABLED:
            step.next_seeds = np.array(seeds, "<u8").tobytes()
        tell(lambda step=step, number=number: group.step(step, number))
        if "NOT_RESET" in str(seen[-1]) or "ENV_FAILED" in str(seen[-1]) or "NON_FINITE_OBS" in str(seen[-1]):
            mask = [state.phase != "running" for state in states_of(group)]
            if any(mask):
                tell(lambda mask=mask, number=number: group.reset(pb.ResetRequest(mask=mask), number))
        seen.append([state.phase for state in states_of(group)])
        if draw > 0.97:
            group.fail()
    return seen


def states_of(group):
    return group._states if isinstance(group, SplitGroup) else group.states


def made_request(seed: int) -> pb.MakeSessionRequest:
    return pb.MakeSessionRequest(
        num_envs=COUNT,
        autoreset_mode=seed % 3 + 1,
        render_mode="rgb_array",
        max_episode_steps=6,
        out_of_bounds_rule=pb.OUT_OF_BOUNDS_RULE_REJECT,
    )


def make_group(request, rules):
    return EnvGroup([Odd() for _ in range(request.num_envs)], request, MEMBERS, rules, Notes(ClientText()))


@pytest.mark.parametrize("workers", [2, 3, 9])
def test_what_a_session_in_several_processes_answers_is_what_one_answers(workers):
    factory = pickle.dumps(([], cloudpickle.dumps(Recipe(Odd, MEMBERS))))
    for seed in range(6):
        request = made_request(seed)
        group = SplitGroup(factory, request, ReplyRules(workers=workers), make_group)
        try:
            alone = make_group(request, ReplyRules())
            assert group.describe() == alone.describe()
            mode = request.autoreset_mode
            for got, expected in zip(play(group, seed, mode), play(alone, seed, mode), strict=True):
                assert got == expected
        finally:
            group.close()


def test_shares_are_as_equal_as_can_be():
    assert shares_of(7, 3) == [3, 2, 2]
    assert shares_of(2, 8) == [1, 1]
    assert shares_of(4, 1) == [4]


def test_slices_of_batches():
    batch = {"push": np.arange(3)[:, None], "word": ("a", "b", "c")}
    assert slice_of(ACTION, batch, 1, 3)["word"] == ("b", "c")
    assert slice_of(ACTION, batch, 1, 3)["push"].tolist() == [[1], [2]]


class Fragile:
    """A number in an action's place says what becomes of its process."""

    observation_space = spaces.Box(-np.inf, np.inf, (1,), np.float64)
    action_space = spaces.Box(-np.inf, np.inf, (1,), np.float64)

    def reset(self, *, seed=None, options=None):
        return np.array([float(os.getpid())]), {}

    def step(self, action):
        if action[0] == 1:
            os.kill(os.getpid(), signal.SIGSEGV)
        if action[0] == 2:
            os._exit(7)
        if action[0] == 3:
            time.sleep(60)
        if action[0] == 4:
            raise ValueError("this one")
        return np.array([float(os.getpid())]), 0.0, False, False, {}


def processes_of(observation) -> set[int]:
    return {int(pid) for pid in np.ravel(observation)}


def expect_ended(pids) -> None:
    give_up = time.monotonic() + 30
    while any(is_there(pid) for pid in pids):
        assert time.monotonic() < give_up, "a process was left behind"
        time.sleep(0.02)


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


@needs_proc
def test_environments_are_spread_and_all_processes_end_with_the_session(serve, remote_vector):
    server = serve({"Env-v0": EnvRegistration(Fragile, workers=3)})
    env = remote_vector(server, 5)
    pids = processes_of(env.reset()[0])
    assert len(pids) == 3
    env.close()
    expect_ended(pids)


@needs_proc
@pytest.mark.parametrize("place", [0, 3])
@pytest.mark.parametrize(
    ("command", "says"),
    [(1.0, r"died \(SIGSEGV\)"), (2.0, r"died \(exit code 7\)"), (3.0, "did not answer within 1500 ms")],
)
def test_a_process_that_dies_or_hangs_ends_the_session_and_all_others(serve, remote_vector, place, command, says):
    server = serve({"Env-v0": EnvRegistration(Fragile, step_timeout_ms=1500, first_step_timeout_ms=20_000)}, workers=2)
    env = remote_vector(server, 4)
    pids = processes_of(env.reset()[0])
    env.step(np.zeros((4, 1)))
    actions = np.zeros((4, 1))
    actions[place] = command
    with pytest.raises(GymwireError, match=f"ENV_FAILED: step: the simulator.*{says}"):
        env.step(actions)
    expect_ended(pids)


@needs_proc
def test_a_process_that_is_killed_between_two_requests_ends_the_session(serve, remote_vector):
    server = serve({"Env-v0": Fragile}, workers=2)
    env = remote_vector(server, 2)
    first, second = processes_of(env.reset()[0])
    child = max(first, second)
    os.kill(child, signal.SIGKILL)
    expect_ended({first, second})


def test_a_fault_is_told_once_and_with_its_line(serve, remote_vector, caplog):
    server = serve({"Env-v0": Fragile}, workers=2)
    env = remote_vector(server, 4)
    env.reset()
    actions = np.zeros((4, 1))
    actions[2:] = 4
    with pytest.raises(
        GymwireError, match=r"step of environment 2: .*ValueError: this one \(tests/test_workers.py:\d+ in step\)"
    ):
        env.step(actions)
    told = [record for record in caplog.records if "ENV_FAILED" in record.getMessage()]
    assert len(told) == 1
    assert "Traceback" in caplog.text


class Unlike(Fragile):
    """The process that a session begins with has one space, the others another."""

    def __init__(self):
        size = 1 if os.getpid() == os.getpgrp() else 2
        self.observation_space = spaces.Box(-1, 1, (size,), np.float64)


@needs_proc
def test_environments_of_another_process_have_the_same_spaces_too(serve, remote_vector):
    server = serve({"Env-v0": Unlike}, workers=2)
    with pytest.raises(GymwireError, match="environment 2 has another observation_space than environment 0"):
        remote_vector(server, 4)
    assert server.session_count == 0


def test_a_single_environment_has_one_process(serve, remote):
    env = remote(serve({"Env-v0": Fragile}, workers=4))
    observation, _ = env.reset()
    assert len(processes_of(observation)) == 1


def test_workers_are_checked(serve):
    with pytest.raises(GymwireError, match="INVALID_ARGUMENT: workers: expected an integer from 1 to 1024, got 0"):
        serve({"Env-v0": Fragile}, workers=0)
    with pytest.raises(GymwireError, match="INVALID_ARGUMENT: Env-v0: workers: expected 1 to 1024, got -1"):
        serve({"Env-v0": EnvRegistration(Fragile, workers=-1)})


class Licensed(Fragile):
    """No process but the session's own may make it, which is still at it when the other one has failed and ended."""

    def __init__(self, folder):
        if os.getpid() != os.getpgrp():
            (Path(folder) / "part").write_text(str(os.getpid()))
            raise RuntimeError("one licence for one process")
        give_up = time.monotonic() + 30
        while not (pid := _text_of(Path(folder) / "part")) or is_there(int(pid)):
            assert time.monotonic() < give_up
            time.sleep(0.02)
        # The session's process has seen it end; would that end it as well, it would be now.
        time.sleep(0.2)


def _text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@needs_proc
def test_what_a_factory_raised_in_another_process_is_told_while_the_first_share_is_still_made(
    serve, remote_vector, tmp_path
):
    server = serve({"Env-v0": partial(Licensed, str(tmp_path))}, workers=2)
    with pytest.raises(GymwireError, match=r"ENV_FAILED: .*RuntimeError: one licence for one process"):
        remote_vector(server, 2)
    assert server.session_count == 0


class Choosy(Fragile):
    """Its method is one where the seed of its reset is not 12, and writes down who was called."""

    def __init__(self, path):
        self._path = path
        self._seed = None

    def reset(self, *, seed=None, options=None):
        self._seed = seed
        return super().reset(seed=seed)

    @property
    def act(self):
        self._tell(f"got {self._seed}")
        return 5 if self._seed == 12 else lambda: self._tell(f"called {self._seed}")

    def _tell(self, text):
        with open(self._path, "a") as file:
            file.write(text + "\n")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_call_that_one_environment_refuses_calls_none_in_any_process(serve, remote_vector, tmp_path, workers):
    path = tmp_path / "told"
    server = serve({"Env-v0": EnvRegistration(partial(Choosy, str(path)), methods=["act"], workers=workers)})
    env = remote_vector(server, 4)
    env.reset(seed=10)
    with pytest.raises(GymwireError, match="UNSUPPORTED: call act: it is listed, and is no method"):
        env.call("act")
    assert "called" not in path.read_text()
    # What was found callable is not called later either.
    env.step(np.zeros((4, 1)))
    assert "called" not in path.read_text()
    env.reset(seed=20)
    env.call("act")
    assert sorted(set(path.read_text().split("\n")) & {f"called {seed}" for seed in range(30)}) == [
        f"called {seed}" for seed in range(20, 24)
    ]


def test_a_call_of_other_processes_looks_at_no_environment_of_the_first(tmp_path):
    path = tmp_path / "told"
    members = ListedMembers(("act",), ())
    make = partial(Choosy, str(path))

    def make_own(request, rules):
        return EnvGroup([make() for _ in range(request.num_envs)], request, members, rules, Notes(ClientText()))

    request = pb.MakeSessionRequest(num_envs=4, autoreset_mode=1)
    factory = pickle.dumps(([], cloudpickle.dumps(Recipe(make, members))))
    group = SplitGroup(factory, request, ReplyRules(workers=2), make_own)
    try:
        group.reset(pb.ResetRequest(seed=12), 1)
        group.call(pb.CallMethodRequest(name="act", env_indices=[3]))()
        assert path.read_text() == "got 15\ncalled 15\n"
    finally:
        group.close()


class Talkative(Fragile):
    def step(self, action):
        info = {"text": "y" * 3_000_000} if action[0] == 5 else {}
        return np.zeros(1), 0.0, False, False, info


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("place", [0, 3])
def test_too_large_a_reply_of_one_process_fails_the_environments_of_all(serve, remote_vector, workers, place):
    server = serve({"Env-v0": Talkative}, workers=workers, max_message_bytes=2_000_000)
    env = remote_vector(server, 4, autoreset_mode="Disabled")
    env.reset()
    actions = np.zeros((4, 1))
    actions[place] = 5
    with pytest.raises(GymwireError, match=r"CAPACITY: step: the reply has 30\d{5} bytes"):
        env.step(actions)
    with pytest.raises(GymwireError, match="NOT_RESET: step: environment 0 failed"):
        env.step(np.zeros((4, 1)))
    env.reset(options={"reset_mask": np.arange(4) == 0})
    with pytest.raises(GymwireError, match="NOT_RESET: step: environment 1 failed"):
        env.step(np.zeros((4, 1)))
    env.reset()
    env.step(np.zeros((4, 1)))


def test_a_part_that_no_process_can_be_had_for_is_refused_for_want_of_capacity(monkeypatch):
    made = []

    class Scarce(subprocess.Popen):
        def __init__(self, *args, **options):
            if made:
                raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(part.subprocess, "Popen", Scarce)
    factory = pickle.dumps(([], cloudpickle.dumps(Recipe(Odd, MEMBERS))))
    with pytest.raises(GymwireError, match="CAPACITY: no process can be started now: Resource temporarily"):
        SplitGroup(factory, made_request(0), ReplyRules(workers=3), make_group)
    assert made[0].wait(30) is not None


def test_environments_of_the_first_process_hear_of_a_detach_though_a_part_does_not_listen():
    heard: list[str] = []

    class Told:
        def __init__(self, name):
            self._name = name

        def detach(self):
            heard.append(self._name)

    group = object.__new__(SplitGroup)
    group._own, group._parts = Told("own"), [Told("part")]
    group.detach()
    assert heard == ["own", "part"]

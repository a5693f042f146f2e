"""What the operator's log tells, how often, and what clients cannot write into it."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys

import numpy as np
import pytest
from gymnasium import spaces
from sample_envs import Point

import gymwire
from gymwire import GymwireError
from gymwire.server import quiet_log as quiet_log_module
from gymwire.server.quiet_log import MAX_RECORDS, QuietLog, on_one_line

EVIL = "\n2026-01-01 ERROR gymwire lies \x1b[31m\u202e"


class Picky(Point):
    """Refuses resets with options, quoting them; a step down fails without a word, in a helper of its own."""

    action_space = spaces.Dict(
        {"x": spaces.Box(-1, 1, (1,), np.float32), "word": spaces.Text(100, min_length=0, charset=EVIL)}
    )

    def __init__(self, word: str = "fine"):
        super().__init__()
        if word != "fine":
            raise ValueError(f"no such word: {word}")

    def reset(self, *, seed=None, options=None):
        if options:
            raise ValueError(f"cannot do {options}")
        return super().reset()

    def step(self, action):
        if action["word"]:
            raise ValueError(f"what is {action['word']}?")
        down(action["x"])
        return super().step(action["x"])


def down(action):
    assert action[0] >= 0


@pytest.fixture
def records(caplog):
    caplog.set_level(logging.INFO, logger="gymwire")
    return lambda level=logging.WARNING: [
        record.getMessage() for record in caplog.records if record.name == "gymwire" and record.levelno >= level
    ]


def failure(call, *arguments, **options):
    with pytest.raises(GymwireError) as caught:
        call(*arguments, **options)
    assert caught.value.code == "ENV_FAILED"
    return caught.value.message


def test_an_exception_without_a_message_tells_the_client_its_file_and_line_and_the_operator_its_traceback(
    serve, remote, records
):
    env = remote(serve(Picky))
    env.reset()
    message = failure(env.step, {"x": [-0.5], "word": ""})
    line = down.__code__.co_firstlineno + 1
    assert message == f"step: the simulator failed: AssertionError (tests/test_log.py:{line} in down)"
    (told,) = records()
    assert told.startswith("Env-v0: ENV_FAILED: step: the simulator failed: AssertionError\n    | Traceback")
    assert f"line {line}, in down\n    |     assert action[0] >= 0\n" in told
    assert told.endswith("\n    | AssertionError")
    assert "env_slot.py" not in told


def test_an_exception_of_a_library_is_blamed_on_the_line_that_called_it(serve, remote):
    class Careless(Point):
        def step(self, action):
            return np.zeros(2).reshape(7) if action[0] else json.loads("{")

    env = remote(serve(Careless))
    for action in (0.5, 0):
        env.reset()
        assert "(tests/test_log.py:" in failure(env.step, [action])


def test_an_exception_whose_text_cannot_be_had_ends_no_session(serve, remote):
    class Evil(Exception):  # noqa: N818 -- as people name them
        def __str__(self):
            raise RuntimeError("evil")

    class Possessed(Point):
        def step(self, action):
            raise Evil

    env = remote(serve(Possessed))
    for _ in range(2):
        pid = env.reset()[1]["pid"]
        assert "Evil: (its text cannot be read) (tests/test_log.py:" in failure(env.step, [0.5])
    assert env.reset()[1]["pid"] == pid


def test_a_factory_that_fails_is_in_the_log_with_its_traceback(serve, remote, records):
    def make():
        raise OSError("the port of the robot is taken")

    message = failure(remote, serve({"Robot-v0": make}), "Robot-v0")
    assert message.endswith(" in make)")
    (told,) = records()
    assert "in make" in told
    assert told.endswith("OSError: the port of the robot is taken")


@pytest.mark.parametrize("by", ["options", "a key", "an action", "an argument"])
def test_no_text_of_a_client_is_in_the_log_above_debug(serve, remote, records, by):
    text = gymwire.ArgumentSpec("word", "string", "fine")
    server = serve({"Picky-v0": gymwire.EnvRegistration(Picky, arguments=(text,))})
    if by == "an argument":
        message = failure(remote, server, "Picky-v0", env_kwargs={"word": EVIL})
    else:
        env = remote(server, "Picky-v0")
        env.reset()
        calls = {
            "options": lambda: env.reset(options={"a": EVIL}),
            "a key": lambda: env.reset(options={EVIL: 1}),
            "an action": lambda: env.step({"x": [0.5], "word": EVIL}),
        }
        message = failure(calls[by])
    assert "lies" in message
    assert len(records()) == 1
    assert "lies" not in "".join(records(logging.INFO))
    assert "Traceback" in records()[0]


def test_what_cannot_be_printed_is_escaped_in_every_line():
    assert on_one_line(EVIL) == "\\n2026-01-01 ERROR gymwire lies \\x1b[31m\\u202e"
    assert on_one_line("größe 😀") == "größe 😀"
    assert len(on_one_line("x" * 10**6)) < 600


def test_a_client_that_fails_again_and_again_fills_no_log(serve, remote, records):
    server = serve(Picky)
    env = remote(server)
    for _ in range(MAX_RECORDS + 90):
        failure(env.reset, options={"a": 1})
    assert len(records()) == MAX_RECORDS
    server.shutdown()
    assert records()[MAX_RECORDS:] == ["90 more records of the kind 'Env-v0 ENV_FAILED' were left out"]


def test_what_was_left_out_is_counted_when_the_next_window_begins(records, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(quiet_log_module.time, "monotonic", lambda: now[0])
    log = QuietLog()
    for _ in range(MAX_RECORDS + 5):
        log.warning("flood", "water")
    log.warning("other", "fire", "smoke\nash\x07")
    now[0] = quiet_log_module.WINDOW_S
    log.warning("flood", "water")
    assert records() == [
        *["water"] * MAX_RECORDS,
        "fire\n    | smoke\n    | ash\\x07",
        "5 more records of the kind 'flood' were left out",
        "water",
    ]


def test_what_a_simulator_prints_is_a_record_a_line(serve, remote, records):
    class Chatty(Point):
        def reset(self, *, seed=None, options=None):
            print("first\nERROR second\x1b[0m", flush=True)
            return super().reset()

    env = remote(serve(Chatty))
    env.reset()
    env.close()
    told = [text.partition(": ")[2] for text in records(logging.INFO) if text.startswith("simulator ")]
    assert told == ["first", "ERROR second\\x1b[0m"]


def test_grpcs_core_writes_nothing_of_what_clients_send(tmp_path):
    command = [sys.executable, "-m", "gymwire", "--json", "serve", "Pendulum-v1", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        port = json.loads(process.stdout.readline())["port"]
        text = b"written by a client"
        goaway = (8 + len(text)).to_bytes(3, "big") + b"\x07\0\0\0\0\0" + bytes(7) + b"\x02" + text
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0" + goaway)
            while line.recv(4096):
                pass
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert errors == b""


class Cyclic(Point):
    def step(self, action):
        try:
            raise ValueError("bad joint")
        except ValueError as error:
            raise error from error


def test_an_exception_that_is_its_own_cause_is_told_once(serve, remote, records):
    env = remote(serve({"Env-v0": gymwire.EnvRegistration(Cyclic, first_step_timeout_ms=20_000)}))
    env.reset()
    assert "ValueError: bad joint (tests/test_log.py:" in failure(env.step, [0.5])
    (told,) = records()
    assert told.count("ValueError: bad joint") == 2
    assert "caused by" not in told


def test_of_a_long_chain_of_causes_the_first_ones_are_told(serve, remote, records):
    class Chained(Point):
        def step(self, action):
            error = ValueError("link 0")
            for i in range(1, 50):
                outer = ValueError(f"link {i}")
                outer.__cause__, error = error, outer
            raise error

    env = remote(serve(Chained))
    env.reset()
    failure(env.step, [0.5])
    assert records()[0].count("caused by") == 9


def test_what_a_listed_method_raises_is_in_the_log_and_told_with_its_line(serve, remote, records):
    class Callable(Point):
        def compute(self, *_):
            raise RuntimeError("no such goal")

    env = remote(serve({"Env-v0": gymwire.EnvRegistration(Callable, methods=("compute",))}))
    env.reset()
    message = failure(env.compute, 1)
    assert "RuntimeError: no such goal (tests/test_log.py:" in message
    (told,) = records()
    assert told.startswith("Env-v0: ENV_FAILED: call compute: the simulator failed: RuntimeError: no such goal")
    assert "in compute" in told
    failure(env.compute, EVIL)
    assert "lies" not in "".join(records(logging.INFO))


class Counting(Point):
    def step(self, action):
        observation, *rest, _ = super().step(action)
        return observation, *rest, {"seed": 2**100 + self._steps}


def test_values_that_count_use_up_no_log_and_silence_no_other_environment(serve, remote, records):
    class Odd(Point):
        def step(self, action):
            return *super().step(action)[:4], {"s": {1}}

    server = serve({"Counting-v0": Counting, "Odd-v0": Odd})
    first = remote(server, "Counting-v0")
    first.reset()
    for _ in range(150):
        first.step([0.0])
    other = remote(server, "Odd-v0")
    other.reset()
    other.step([0.0])
    assert [line.partition(" is left out")[0] for line in records()] == [
        'Counting-v0: info["seed"]',
        'Odd-v0: info["s"]',
    ]


def test_keys_that_a_client_chose_are_no_places_in_the_log(serve, remote, records):
    class Echo(Point):
        def reset(self, *, seed=None, options=None):
            self._given = options
            return super().reset()[0], {}

        def step(self, action):
            return *super().step(action)[:4], {key: {1} for key in self._given}

    env = remote(serve({"Echo-v0": Echo}), "Echo-v0")
    env.reset(options={f"{EVIL} {i}": i for i in range(5)})
    info = env.step([0.0])[-1]
    assert "lies" in str(info["gymwire_left_out"])
    (told,) = records(logging.WARNING)
    assert "something is left out of infos" in told
    assert "lies" not in "".join(records(logging.INFO))

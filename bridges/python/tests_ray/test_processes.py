"""Processes that end with whoever started them, whatever ended that one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gymwire.ray.kept_process import KeptProcess

#: Says its number and, asked by SIGINT, that it saves.
CHILD = """
import os, signal, sys, time
def save(*_):
    open(sys.argv[1], "a").write("saved")
    sys.exit(130)
signal.signal(signal.SIGINT, save)
print(os.getpid(), flush=True)
time.sleep(600)
"""

#: Starts a child as an actor does, with SIGINT blocked as Ray does, says who is who, and stays.
STARTER = f"""
import json, signal, sys, time
from pathlib import Path
from gymwire.ray.kept_process import KeptProcess
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
child = [sys.executable, "-c", {CHILD!r}, sys.argv[1]]
kept = KeptProcess(child, ending=signal.SIGINT, grace_s=30, secrets=Path(sys.argv[2]))
print(json.dumps([kept.pid, int(next(kept.lines()))]), flush=True)
time.sleep(600)
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def await_end(*pids):
    give_up = time.monotonic() + 60
    while any(map(is_alive, pids)):
        assert time.monotonic() < give_up, f"still there: {pids}"
        time.sleep(0.02)


@pytest.mark.parametrize("victim", ["the starter", "the keeper"])
def test_a_child_is_asked_to_end_when_it_is_alone(tmp_path, victim):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    saved = tmp_path / "saved"
    command = [sys.executable, "-c", STARTER, str(saved), str(secrets)]
    starter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    keeper, child = json.loads(starter.stdout.readline())
    try:
        os.kill({"the starter": starter.pid, "the keeper": keeper}[victim], signal.SIGKILL)
        await_end(keeper, child)
        assert saved.read_text() == "saved"
        # With the keeper goes who deletes them; the starter does where it is there.
        assert secrets.exists() == (victim == "the keeper")
    finally:
        starter.kill()
        starter.communicate()


def test_a_child_that_does_not_obey_is_killed():
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, lambda *_: None); print(1, flush=True); time.sleep(600)"
    )
    kept = KeptProcess([sys.executable, "-c", program], ending=signal.SIGTERM, grace_s=0.1)
    assert next(kept.lines()) == "1\n"
    assert kept.end() == 128 + signal.SIGKILL


def test_exit_codes_and_last_words_come_through():
    kept = KeptProcess(
        [sys.executable, "-c", "import sys; print('a'); print('why', file=sys.stderr); sys.exit(3)"],
        ending=signal.SIGTERM,
        grace_s=5,
    )
    assert list(kept.lines()) == ["a\n"]
    assert (kept.wait(), kept.last_words) == (3, "why")


def test_who_stops_listening_goes_on_later():
    kept = KeptProcess([sys.executable, "-c", "print('a'); print('b')"], ending=signal.SIGTERM, grace_s=5)
    for line in kept.lines():
        assert line == "a\n"
        break
    assert list(kept.lines()) == ["b\n"]
    kept.wait()

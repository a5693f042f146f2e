"""
Clusters of several raylets on this machine, as in Ray's own tests, and `gymwire-ray` beside them as users run it.
Their files are in a folder of their own, and nothing of them is left when a test is over.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import ray
from ray.cluster_utils import Cluster

ROOT = Path(__file__).resolve().parents[3]
GYMWIRE = os.environ.get("GYMWIRE_COMMAND", f"node {ROOT / 'packages' / 'cli' / 'bin' / 'gymwire.js'}")

#: Ray takes longer to notice a lost node by default. Against hanging only: no test asserts a time.
SYSTEM = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 1000, "health_check_failure_threshold": 5}
PATIENCE_S = float(os.environ.get("GYMWIRE_PATIENCE_S", "150"))

# Of all that is started here: no statistics to Ray's makers, the bridge from this repository.
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
_IMPORTED = [str(ROOT / "bridges" / "python" / "src"), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
sys.path[:0] = _IMPORTED[:2]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, _IMPORTED))


def on_page(start, otherwise=None):
    """The words of the first command in docs/ray.md that begins so, some of them replaced."""
    page = (ROOT / "docs" / "ray.md").read_text("utf-8")
    command = next(line for line in page.splitlines() if line.startswith(start))
    return [(otherwise or {}).get(word, word) for word in shlex.split(command, comments=True)[1:]]


def wait_until(is_so, what):
    """Asks until it is so; returns what it said."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        answer = is_so()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"waited in vain: {what}")


def hosts_of(name="default"):
    """Those that serve."""
    fleet = ray.get_actor(f"fleet-{name}", namespace="gymwire")
    return [host for host in ray.get(fleet.view.remote()).hosts if host.address is not None]


def processes_with(text):
    """Those of which a command line or an environment holds it, by number."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or folder.name == str(os.getpid()):
            continue
        try:
            seen = folder.joinpath("cmdline").read_bytes() + b"\0" + folder.joinpath("environ").read_bytes()
        except OSError:
            continue
        if text.encode() in seen:
            found[int(folder.name)] = seen.split(b"\0")[0].decode(errors="replace")
    return found


class Machine:
    """A cluster, and commands on it."""

    def __init__(self, state_folder, **head):
        self.folder = state_folder
        self.ray_folder = Path(tempfile.mkdtemp(prefix="gwr-", dir="/tmp"))
        self.state_folder = state_folder
        os.environ["XDG_STATE_HOME"] = str(self.state_folder)
        # Where Ray has its folder "ray", with the address of the latest cluster: not where somebody else's is.
        os.environ["RAY_TMPDIR"] = str(self.ray_folder)
        self.ray_folder.joinpath("ray").mkdir()
        #: In the environment of whatever is started from here on: who has it is ours.
        self.mark = f"GYMWIRE_TEST={self.ray_folder.name}"
        os.environ["GYMWIRE_TEST"] = self.ray_folder.name
        #: While it is there, a `HeldPendulum` stands still.
        self.hold = self.ray_folder / "hold"
        os.environ["GYMWIRE_TEST_HOLD"] = str(self.hold)
        args = {"num_cpus": 1, "_system_config": SYSTEM, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args={**args, **head})

    def add(self, **node):
        return self.cluster.add_node(**{"num_cpus": 1, **node})

    def start(self, *words):
        """A command that runs on. `communicate` gives what it says."""
        flags = ["--address", self.cluster.address]
        if words[0] in ("up", "train", "tune"):
            flags += ["--gymwire", GYMWIRE]
        command = [sys.executable, "-m", "gymwire.ray", "--json", words[0], *flags, *map(str, words[1:])]
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words, code=0):
        """A command that ends, with this exit code. Returns its events."""
        process = self.start(*words)
        stdout, stderr = process.communicate(timeout=2 * PATIENCE_S)
        assert process.returncode == code, f"{words}: {process.returncode}\n{stdout}\n{stderr}"
        return [json.loads(line) for line in stdout.splitlines()]

    def event(self, kind, *words, code=0):
        """The last one of a kind."""
        return [event for event in self.run(*words, code=code) if event["type"] == kind][-1]

    def events(self, process):
        """What a command that runs on tells, as it does so; fails where it ends with another exit code than 0."""
        for line in process.stdout:
            yield json.loads(line)
        assert process.wait() == 0, process.stderr.read()

    def gymwire(self, *words):
        command = [*GYMWIRE.split(), *map(str, words)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S)

    def keepers(self):
        """Those of servers and trainers that run, by number."""
        return set(processes_with(self.mark)) & set(processes_with("keeper.py"))

    def count_workers(self):
        """Raylets that live, but for the head's."""
        return sum(node["Alive"] for node in ray.nodes()) - 1

    def addresses(self, name="default"):
        return [host.address for host in hosts_of(name)]

    def connect(self):
        """This process, for what no command tells."""
        if ray.is_initialized():
            return
        ray.init(self.cluster.address, namespace="gymwire", log_to_driver=False, logging_level="ERROR")

    def _remove(self):
        shutil.rmtree(self.ray_folder, ignore_errors=True)
        return not self.ray_folder.exists()

    def close(self):
        ray.shutdown()
        self.cluster.shutdown()
        # An autoscaler does not take its raylets along.
        for pid, program in processes_with(str(self.ray_folder)).items():
            if program.endswith("raylet"):
                os.kill(pid, signal.SIGKILL)
        # A cluster that ends takes its actors' processes along, and they their servers and trainers.
        left = {}
        try:
            wait_until(lambda: not processes_with(self.mark), "the end of all processes of the cluster")
        except AssertionError:
            left = processes_with(self.mark)
            raise AssertionError(f"left behind: {left}") from None
        finally:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            # Of processes that were killed, one may still be writing.
            wait_until(self._remove, "its folder can be removed")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The cluster of a file's tests: to start one takes longer than most of them."""
    machines = {}

    def make(nodes, head):
        key = json.dumps([nodes, head])
        if key not in machines:
            machines[key] = Machine(tmp_path_factory.mktemp("state"), **head)
            for _ in range(nodes):
                machines[key].add()
        return machines[key]

    yield make
    for machine in machines.values():
        machine.close()


@pytest.fixture
def machine(made, tmp_path):
    """One with so many further nodes of one CPU each, and a head with others. Commands run in the test's own folder."""

    def make(nodes=0, **head):
        one = made(nodes, head)
        one.folder = tmp_path
        return one

    return make

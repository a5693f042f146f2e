"""A fleet on three raylets, and trainings on it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import ray
from conftest import PATIENCE_S, hosts_of, on_page, processes_with, wait_until

SMALL = ["--learning-starts", "100", "--hidden", "16,16", "--batch-size", "16", "--eval-episodes", "1"]


def files_with(folder, text):
    """Those below a folder that hold it."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and text.encode() in path.read_bytes():
            found.append(path)
    return found


def processes_of_server(host):
    """Its own and its keeper's, by number: those of which an argument names its folder of secrets."""
    actor = ray.get_actor(f"fleet-default-host-{host.index}", namespace="gymwire")
    keeper = ray.get(actor.server_pid.remote())
    arguments = Path(f"/proc/{keeper}/cmdline").read_text().split("\0")
    return set(processes_with(next(word for word in arguments if "gymwire-host-" in word)))


def test_it_comes_up_is_secret_comes_back_and_goes_down(machine):
    machine = machine(nodes=2)
    up = machine.event("up", *on_page("gymwire-ray up", {"HalfCheetah-v5": "Pendulum-v1", "4": "2"}))
    folder = machine.folder / "gymwire-fleet"
    assert (up["folder"], up["servedWith"], len(up["addresses"])) == ("gymwire-fleet", "typescript", 2)
    assert [line.split()[0] for line in (folder / "servers").read_text().splitlines()[1:]] == up["addresses"]
    for name in ("servers", "token", "ca.pem"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600

    # One of this name is up.
    (refused,) = machine.run("up", "--env", "Pendulum-v1", code=2)
    assert (refused["code"], "is up already" in refused["message"]) == ("INVALID_ARGUMENT", True)

    # The servers are spread, and open to whoever has what is in the folder.
    machine.connect()
    hosts = hosts_of()
    assert len({host.node for host in hosts}) == 2
    listed = machine.gymwire("envs", "--server", up["addresses"][0], *opened_by(folder))
    assert "Pendulum-v1" in listed.stdout
    assert machine.gymwire("envs", "--server", up["addresses"][0], "--ca", folder / "ca.pem").returncode == 3

    # A server that dies takes its actor along, and Ray starts both anew.
    host = hosts[0]
    actor = ray.get_actor(f"fleet-default-host-{host.index}", namespace="gymwire")
    os.kill(ray.get(actor.server_pid.remote()), signal.SIGKILL)
    wait_until(lambda: len({one.address for one in hosts_of()} - {host.address}) == 2, "a host in its place")

    # Nor does a fleet forget its keys with its process.
    token = (folder / "token").read_text().strip()
    fleet = ray.get_actor("fleet-default", namespace="gymwire")
    ray.kill(fleet, no_restart=False)
    wait_until(lambda: len(hosts_of()) == 2, "the fleet's actor, which finds its hosts again")
    again = machine.event("addresses", "addresses", "--folder", "again")["addresses"]
    assert again == [host.address for host in hosts_of()]
    assert (machine.folder / "again" / "token").read_text().strip() == token

    # No secret is where others look: arguments, environments, what Ray writes and tells.
    (kept,) = machine.state_folder.rglob("default.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    secrets = [token, json.loads(kept.read_text())["key"].splitlines()[1]]
    for secret in secrets:
        assert processes_with(secret) == {}
        assert files_with(machine.ray_folder, secret) == []
        assert secret not in str(ray._private.state.actors())
    # This search does find them.
    planted = machine.ray_folder / "ray" / "session_latest" / "logs" / "planted.log"
    planted.write_text(f"authorization: Bearer {token}")
    assert files_with(machine.ray_folder, token) != []
    planted.unlink()
    shower = subprocess.Popen([sys.executable, "-c", "input()", token], stdin=subprocess.PIPE)
    # Its arguments are there a moment after it is.
    wait_until(lambda: list(processes_with(token)) == [shower.pid], "the search to find them")
    shower.communicate(b"\n")

    machine.run(*on_page("gymwire-ray down"))
    assert not folder.exists()
    assert not kept.exists()
    assert machine.keepers() == set()
    (gone,) = machine.run("addresses", code=3)
    assert gone["code"] == "SERVER_UNAVAILABLE"


def opened_by(folder):
    return ["--token-file", folder / "token", "--ca", folder / "ca.pem"]


def test_a_host_whose_server_does_not_start_says_why(machine):
    machine = machine(nodes=2)
    (fault,) = machine.run("up", "--env", "NoSuchEnv-v0", code=1)
    assert fault["code"] == "ENV_FAILED"
    assert "NoSuchEnv" in fault["message"]
    assert "--serve-with python" in fault["message"]
    # It was taken down: another one may have the name.
    (gone,) = machine.run("down", code=3)
    assert gone["code"] == "SERVER_UNAVAILABLE"


def test_a_raylet_that_is_killed_while_training_is_replaced_and_the_run_ends(machine):
    # Three places for two hosts and a trainer: each has a raylet of its own.
    machine = machine(nodes=2)
    long_ms = str(int(PATIENCE_S * 1000))
    held = "HeldPendulum-v0=held_pendulum:HeldPendulum"
    machine.event("up", "up", "--env", held, "--hosts", "2", "--", "--step-timeout-ms", long_ms)
    machine.connect()
    machine.hold.touch()
    patience = ["--reconnect-timeout-ms", "2000", "--step-deadline-ms", long_ms]
    arguments = ["--steps", "3000", "--eval-every", "1000", *SMALL]
    page = on_page("gymwire-ray train", {"HalfCheetah-v5": "HeldPendulum-v0", "8": "2", "runs/cheetah": "run"})
    training = machine.start(*page, *patience, *arguments)
    events = machine.events(training)
    # Both environments, one on each host, make 150 more steps at most until they are let go on.
    assert next(events)["type"] == "evaluation"
    head = machine.cluster.head_node.node_id
    lost = next(host for host in hosts_of() if host.node != head)
    victim = next(node for node in machine.cluster.worker_nodes if node.node_id == lost.node)
    server = processes_of_server(lost)
    assert len(server) >= 2
    machine.cluster.remove_node(victim, allow_graceful=False)
    wait_until(lambda: server.isdisjoint(processes_with(machine.mark)), "the server to end with its raylet")
    # Held all the while: when the trainer ends, its raylet has room for the host as well.
    replacement = machine.add()
    wait_until(lambda: replacement.node_id in [host.node for host in hosts_of()], "a host on the new raylet")
    machine.hold.unlink()
    *_, result = events
    assert (result["type"], result["status"]) == ("result", "completed")
    assert result["envSteps"] >= 3000
    events = [json.loads(line) for line in (machine.folder / "run" / "events.jsonl").read_text().splitlines()]
    broken = [line for line in events if line["type"] == "broken"]
    assert len(broken) == 1
    machine.run("down")

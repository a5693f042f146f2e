"""Ray's own autoscaler adds and removes raylets, by the demand that a training makes. Nothing of that is ours."""

from __future__ import annotations

import json
import signal
import socket

import ray
from conftest import wait_until
from ray.autoscaler._private.fake_multi_node.node_provider import FAKE_HEAD_NODE_ID

# As `ray.cluster_utils.AutoscalingCluster` has it, whose configuration is not in Ray's wheel, and which ends every Ray
# on the machine before it begins.
CONFIG = {
    "cluster_name": "gymwire",
    "max_workers": 3,
    "idle_timeout_minutes": 0.05,
    "upscaling_speed": 1.0,
    "docker": {},
    "auth": {},
    "available_node_types": {
        "ray.head.default": {"resources": {"CPU": 1}, "node_config": {}, "max_workers": 0},
        "host": {"resources": {"CPU": 2}, "node_config": {}, "min_workers": 0, "max_workers": 3},
    },
    "head_node_type": "ray.head.default",
    "file_mounts": {},
    "cluster_synced_files": [],
    "file_mounts_sync_continuously": False,
    "rsync_exclude": [],
    "rsync_filter": [],
    "initialization_commands": [],
    "setup_commands": [],
    "head_setup_commands": [],
    "worker_setup_commands": [],
    "head_start_ray_commands": [],
    "worker_start_ray_commands": [],
}


# Raylets on this machine, which share its address and are not to be reached with SSH.
PROVIDER = {
    "type": "fake_multinode",
    "use_node_id_as_ip": True,
    "disable_node_updaters": True,
    "disable_launch_config_check": True,
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_hosts_and_their_raylets_come_and_go_with_what_training_asks_for(machine, tmp_path, monkeypatch):
    port = free_port()
    config = tmp_path / "autoscaling.json"
    provider = {**PROVIDER, "gcs_address": f"{ray.util.get_node_ip_address()}:{port}"}
    config.write_text(json.dumps({**CONFIG, "provider": provider}))
    monkeypatch.setenv("RAY_FAKE_CLUSTER", "1")
    monkeypatch.setenv("AUTOSCALER_UPDATE_INTERVAL_S", "1")
    monkeypatch.setenv("RAY_OVERRIDE_NODE_ID_FOR_TESTING", FAKE_HEAD_NODE_ID)
    # The head has no place for a host: each has a raylet of its own.
    machine = machine(num_cpus=1, gcs_server_port=port, autoscaling_config=str(config))
    monkeypatch.delenv("RAY_OVERRIDE_NODE_ID_FOR_TESTING")
    machine.connect()
    machine.run("up", "--env", "Pendulum-v1", "--min", "1", "--max", "3", "--cpus", "2", "--idle-s", "2")
    assert machine.count_workers() == 1

    # Much to do; who asks for hosts starts with the first one.
    arguments = ["--env", "Pendulum-v1", "--steps", "10000000", "--eval-every", "1000", "--hidden", "16,16"]
    training = machine.start("train", "--out", "run", "--fleet", "--num-envs", "3", *arguments)
    wait_until(lambda: machine.count_workers() == 3, "three raylets")
    wait_until(lambda: len(machine.addresses()) == 3, "three hosts")
    assert next(machine.events(training))["type"] == "evaluation"
    training.send_signal(signal.SIGINT)
    *_, result = [json.loads(line) for line in training.stdout]
    assert (training.wait(), result["status"]) == (130, "interrupted")

    wait_until(lambda: machine.count_workers() == 1, "the end of two raylets")
    assert len(machine.addresses()) == 1
    machine.run("down")
    wait_until(lambda: machine.count_workers() == 0, "the end of the last one")

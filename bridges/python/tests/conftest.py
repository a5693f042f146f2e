"""Servers in this process; their simulators in processes of their own, as always."""

from __future__ import annotations

import pytest
import trustme

import gymwire
from gymwire.client import stream_call


@pytest.fixture(autouse=True)
def _as_clients_of_another_process(request, monkeypatch):
    """Clients step in the way that most of them do, though the server is here; not so in a test that forks."""
    if request.node.get_closest_marker("forks") is None:
        monkeypatch.setattr(stream_call, "serves_here", lambda: False)


@pytest.fixture
def serve():
    """Starts servers that end with the test. Loopback, free ports."""
    running = []

    def start(envs, **options):
        # A test that leaves a session open must not wait for it.
        server = gymwire.start_server(envs, **{"drain_timeout_ms": 0, **options})
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()


@pytest.fixture
def remote():
    """Makes remote environments that are closed with the test."""
    made = []

    def make(server, env_id="Env-v0", **options):
        address = server if isinstance(server, str) else server.address
        env = gymwire.RemoteEnv(address, env_id, **options)
        made.append(env)
        return env

    yield make
    for env in made:
        env.close()


@pytest.fixture
def remote_vector():
    made = []

    def make(server, num_envs, env_id="Env-v0", **options):
        env = gymwire.RemoteVectorEnv(num_envs, server.address, env_id, **options)
        made.append(env)
        return env

    yield make
    for env in made:
        env.close()


@pytest.fixture
def authority(tmp_path):
    """PEM files of an authority, and of a server's certificate for 127.0.0.2."""
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.2", "127.0.0.1")
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "cert", "key", "client_cert", "client_key")}
    ca.cert_pem.write_to_path(files["ca"])
    certificate.cert_chain_pems[0].write_to_path(files["cert"])
    certificate.private_key_pem.write_to_path(files["key"])
    client = ca.issue_cert("client.example")
    client.cert_chain_pems[0].write_to_path(files["client_cert"])
    client.private_key_pem.write_to_path(files["client_key"])
    return files

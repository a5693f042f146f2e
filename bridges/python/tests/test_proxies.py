"""Proxies of the environment: loopback never meets them, and other machines only the one that grpc_proxy names."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
from sample_envs import Point

import gymwire
from gymwire.client.proxy_rule import proxy_options
from gymwire.errors import GymwireError
from gymwire.server_address import is_loopback_address

_NAMES = ("http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY", "HTTPS_PROXY")
#: Nobody listens there.
_DEAD = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "address",
    [
        "localhost:50051",
        "LOCALHOST:50051",
        "robot.localhost:1",
        "127.0.0.1:50051",
        "127.8.9.10",
        "[::1]:50051",
        "::1",
        "[::ffff:127.0.0.1]:1",
        "dns:///localhost:50051",
        "dns://8.8.8.8/127.0.0.1:50051",
        "ipv4:127.0.0.1:50051",
        "ipv6:[::1]:50051",
        "unix:/run/robot.sock",
        "unix:///run/robot.sock",
        "unix-abstract:robot",
    ],
)
def test_these_addresses_are_on_this_machine(address):
    assert is_loopback_address(address)
    assert proxy_options(address, {"grpc_proxy": _DEAD}) == [("grpc.enable_http_proxy", 0)]


@pytest.mark.parametrize(
    "address",
    [
        "robot.example:50051",
        "192.168.1.5:50051",
        "[fe80::1]:50051",
        "localhost.example:50051",
        "127.example:50051",
        "dns:///robot.example:50051",
        "1127.0.0.1:50051",
    ],
)
def test_these_addresses_are_elsewhere_and_grpc_proxy_is_for_them_alone(address):
    assert not is_loopback_address(address)
    assert proxy_options(address, {"grpc_proxy": _DEAD}) == [("grpc.enable_http_proxy", 1)]
    assert proxy_options(address, {"http_proxy": _DEAD, "grpc_proxy": ""}) == [("grpc.enable_http_proxy", 0)]


@pytest.fixture
def connect_proxy():
    """A proxy that takes every CONNECT to one port of this machine; the ports and what was asked for."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[str] = []

    def pipe(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve(port: int) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                head = b""
                while b"\r\n\r\n" not in head:
                    head += client.recv(4096)
                asked.append(head.split(b" ")[1].decode())
                upstream = socket.create_connection(("127.0.0.1", port))
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                for ends in ((client, upstream), (upstream, client)):
                    threading.Thread(target=pipe, args=ends, daemon=True).start()

    def start(port: int) -> tuple[str, list[str]]:
        threading.Thread(target=serve, args=(port,), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}", asked

    yield start
    listener.close()


def test_loopback_never_goes_through_a_proxy(serve, remote, monkeypatch):
    server = serve({"Point-v0": Point})
    for name in _NAMES:
        monkeypatch.setenv(name, _DEAD)
    for address in (server.address, f"localhost:{server.port}"):
        env = remote(address, "Point-v0")
        env.reset(seed=1)


def test_another_machine_is_reached_through_the_proxy_that_grpc_proxy_names(serve, remote, monkeypatch, connect_proxy):
    server = serve({"Point-v0": Point})
    url, asked = connect_proxy(server.port)
    for name in _NAMES:
        monkeypatch.setenv(name, _DEAD)
    monkeypatch.setenv("grpc_proxy", url)
    env = remote("robot.example:50051", "Point-v0")
    env.reset(seed=1)
    assert set(asked) == {"robot.example:50051"}
    env.close()

    # The web's proxy is not asked: the name is looked up, and there is no such host.
    for name in _NAMES:
        monkeypatch.setenv(name, url)
    monkeypatch.setenv("grpc_proxy", "")
    before = len(asked)
    with pytest.raises(GymwireError, match=r"robot\.invalid"):
        gymwire.RemoteEnv("robot.invalid:50051", "Point-v0", deadline_ms=5000)
    assert len(asked) == before

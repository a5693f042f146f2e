"""Certificates of a fleet: a client that trusts its authority trusts its hosts, by their address, and nobody else."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest

from gymwire.ray.authority import Authority, request_certificate


def handshake(tmp_path, address, certificate, key, ca):
    """TLS over a socket of this process. Raises ssl.SSLError where the client does not trust the server."""
    files = {"chain.pem": certificate, "key.pem": key}
    for name, text in files.items():
        tmp_path.joinpath(name).write_text(text)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    client = ssl.create_default_context(cadata=ca)
    ours, theirs = socket.socketpair()

    def serve():
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except (ssl.SSLError, OSError):
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        client.wrap_socket(ours, server_hostname=address).close()
    finally:
        ours.close()
        thread.join()


@pytest.mark.parametrize("address", ["10.0.0.7", "::1", "node-3.example"])
def test_a_host_is_who_it_says(tmp_path, address):
    authority = Authority.make("fleet")
    key, request = request_certificate(address)
    certificate = authority.sign(request)
    handshake(tmp_path, address, certificate, key, authority.credentials.ca)
    with pytest.raises(ssl.SSLError):
        handshake(tmp_path, "10.0.0.8", certificate, key, authority.credentials.ca)
    with pytest.raises(ssl.SSLError):
        handshake(tmp_path, address, certificate, key, Authority.make("other").credentials.ca)


def test_an_authority_is_kept_as_it_was(tmp_path):
    authority = Authority.make("fleet")
    again = Authority.load(authority.dump())
    assert again.credentials == authority.credentials
    key, request = request_certificate("10.0.0.7")
    handshake(tmp_path, "10.0.0.7", again.sign(request), key, authority.credentials.ca)


def test_a_request_that_was_changed_on_the_way_is_refused():
    _, request = request_certificate("10.0.0.7")
    lines = request.splitlines()
    lines[-2] = lines[-2][::-1] if lines[-2][::-1] != lines[-2] else lines[-2].swapcase()
    with pytest.raises(ValueError, match=r"\w"):
        Authority.make("fleet").sign("\n".join(lines))


def test_its_secrets_are_not_shown():
    authority = Authority.make("fleet")
    assert authority.credentials.token not in f"{authority.credentials!r} {authority!r}"

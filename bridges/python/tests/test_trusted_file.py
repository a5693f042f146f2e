"""Tokens, keys and certificates are taken from files that not everybody can write, and authorities are certificates."""

from __future__ import annotations

import os
import sys
import threading

import pytest
from sample_envs import Point

import gymwire
from gymwire import GymwireError, ServerOptions
from gymwire.__main__ import main
from gymwire.trusted_file import read_trusted_file

ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
TOKEN = "0123456789abcdef-secret"


def served(authority, **files):
    pair = {"tls_cert": authority["cert"], "tls_key": authority["key"]}
    gymwire.start_server(Point, port=0, **{**pair, **files}).stop()


def connected(authority, **files):
    pair = {"tls_cert": authority["client_cert"], "tls_key": authority["client_key"]}
    gymwire.RemoteEnv("127.0.0.1:9", "Point-v0", reconnect_timeout_ms=0, **{**pair, **files})


@ON_POSIX
@pytest.mark.parametrize(
    ("use", "name"),
    [
        *((served, name) for name in ("token_file", "operator_token_file", "tls_cert", "tls_key", "tls_client_ca")),
        *((connected, name) for name in ("token_file", "ca", "tls_cert", "tls_key")),
    ],
)
def test_a_file_that_everybody_can_write_is_refused(authority, tmp_path, use, name):
    path = tmp_path / "open"
    path.write_text(TOKEN)
    path.chmod(0o602)
    with pytest.raises(GymwireError) as caught:
        use(authority, **{name: path})
    assert caught.value.code == "INVALID_ARGUMENT"
    assert f"{name}: everybody on this machine can write {path}" in str(caught.value)
    assert TOKEN not in str(caught.value)


@ON_POSIX
@pytest.mark.parametrize("flag", ["--operator-token-file", "--ca"])
def test_the_operators_command_takes_none_either(tmp_path, capsys, flag):
    path = tmp_path / "open"
    path.write_text(TOKEN)
    path.chmod(0o602)
    assert main(["sessions", "--server", "127.0.0.1:9", flag, str(path)]) == 2
    assert f"everybody on this machine can write {path}" in capsys.readouterr().err


@ON_POSIX
def test_a_group_may_write_a_file_and_everybody_its_folder_and_a_pipe_is_who_opened_it(tmp_path):
    tmp_path.chmod(0o777)
    path = tmp_path / "token"
    path.write_text(TOKEN)
    path.chmod(0o660)
    assert ServerOptions(token_file=path).read_token() == TOKEN.encode()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    writer = threading.Thread(target=pipe.write_text, args=[TOKEN])
    writer.start()
    assert read_trusted_file("token_file", pipe) == TOKEN.encode()
    writer.join()


def test_authorities_that_are_no_certificates_are_named(authority, tmp_path):
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    with pytest.raises(GymwireError, match=r"ca: expected certificates as PEM in .*junk\.pem"):
        connected(authority, ca=junk)
    # What people write between certificates is no fault.
    said = tmp_path / "said.pem"
    said.write_bytes("# ausgestellt für München\n".encode() + authority["ca"].read_bytes())
    with pytest.raises(GymwireError) as caught:
        connected(authority, ca=said)
    assert caught.value.code == "SERVER_UNAVAILABLE"

"""Public options in, resolved options out; defaults and validation live here only."""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path

from gymwire.errors import GymwireError
from gymwire.server_address import ServerAddress, is_unix_address, unix_address
from gymwire.trusted_file import read_authorities, read_trusted_file

#: Of one session.
MAX_WORKERS = 1024
_MAX_INT32 = 2**31 - 1
_MIN_TOKEN_LENGTH = 16
# RFC 6750, "b64token".
_TOKEN = re.compile(rb"[A-Za-z0-9\-._~+/]+=*")

DEFAULT_STEP_TIMEOUT_MS = 30_000
DEFAULT_FIRST_STEP_TIMEOUT_MS = 120_000


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


# name: default, minimum, maximum
_NUMBERS = {
    "port": (50051, 0, 65535),
    "max_sessions": (64, 1, 10**6),
    "max_num_envs": (1024, 1, 10**6),
    "max_total_envs": (4096, 1, 10**6),
    "capacity": (_cores(), 1, 10**6),
    "workers": (1, 1, MAX_WORKERS),
    "idle_timeout_ms": (600_000, 1, _MAX_INT32),
    "make_timeout_ms": (120_000, 1, _MAX_INT32),
    "reset_timeout_ms": (120_000, 1, _MAX_INT32),
    "step_timeout_ms": (DEFAULT_STEP_TIMEOUT_MS, 1, _MAX_INT32),
    "close_timeout_ms": (5000, 1, _MAX_INT32),
    "max_message_bytes": (64 * 2**20, 1024, _MAX_INT32),
    "max_connections": (1000, 1, 10**6),
    "drain_timeout_ms": (5000, 0, _MAX_INT32),
}


@dataclass(frozen=True)
class ServerOptions:
    """How a server listens, and what it allows. Raises GymwireError INVALID_ARGUMENT, naming the option."""

    #: Anything but loopback needs a token, a certificate or `insecure`. "unix:/run/gym.sock" is a socket of this
    #: machine (not on Windows): a file that only its owner can connect to, without a port and TLS.
    host: str = "127.0.0.1"
    #: 0 picks a free one.
    port: int = _NUMBERS["port"][0]
    #: A file with the bearer token that clients must send.
    token_file: str | Path | None = None
    #: A file with the operator's token, or the token itself: with one of them, sessions can be listed and ended.
    operator_token_file: str | Path | None = None
    operator_token: str | None = field(default=None, repr=False)
    #: PEM files of the server's certificate chain and private key.
    tls_cert: str | Path | None = None
    tls_key: str | Path | None = None
    #: PEM file of the authorities whose certificates clients must show (mutual TLS).
    tls_client_ca: str | Path | None = None
    #: Serve other machines without encryption or authentication.
    insecure: bool = False
    max_sessions: int = _NUMBERS["max_sessions"][0]
    #: Environments in one session.
    max_num_envs: int = _NUMBERS["max_num_envs"][0]
    #: Environments in all sessions together.
    max_total_envs: int = _NUMBERS["max_total_envs"][0]
    #: Environments to step at a time: a fleet gives each of its servers a share in proportion. Limits nothing.
    capacity: int = _NUMBERS["capacity"][0]
    #: Processes that the environments of one vector session are spread over, unless its registration says otherwise.
    workers: int = _NUMBERS["workers"][0]
    #: A session without a stream is closed after this long without a call.
    idle_timeout_ms: int = _NUMBERS["idle_timeout_ms"][0]
    #: A simulator that takes longer is killed, and its session with it.
    make_timeout_ms: int = _NUMBERS["make_timeout_ms"][0]
    reset_timeout_ms: int = _NUMBERS["reset_timeout_ms"][0]
    #: Of the first step of a session, which may compile (JAX, numba). None: 120 s, or `step_timeout_ms` where that is
    #: set.
    first_step_timeout_ms: int | None = None
    step_timeout_ms: int = _NUMBERS["step_timeout_ms"][0]
    close_timeout_ms: int = _NUMBERS["close_timeout_ms"][0]
    #: An info with an entry that has no place on the wire fails the step; else that is left out, named and told once.
    strict_info: bool = False
    #: Observations of another dtype than their space's are cast, also where digits are lost; else they are refused.
    cast_observations: bool = False
    #: Largest message in either direction.
    max_message_bytes: int = _NUMBERS["max_message_bytes"][0]
    #: At a time; fewer where this process may not have as many file descriptors.
    max_connections: int = _NUMBERS["max_connections"][0]
    #: How long sessions may go on after a shutdown has begun.
    drain_timeout_ms: int = _NUMBERS["drain_timeout_ms"][0]

    def __post_init__(self) -> None:
        ranges = {name: (low, high) for name, (_, low, high) in _NUMBERS.items()}
        if self.first_step_timeout_ms is not None:
            ranges["first_step_timeout_ms"] = (1, _MAX_INT32)
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise GymwireError(
                    "INVALID_ARGUMENT", f"{name}: expected an integer from {low} to {high}, got {value!r}"
                )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise GymwireError("INVALID_ARGUMENT", "tls_cert and tls_key: give both, or neither")
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise GymwireError("INVALID_ARGUMENT", "tls_client_ca: needs tls_cert and tls_key")
        if self.operator_token is not None and self.operator_token_file is not None:
            raise GymwireError("INVALID_ARGUMENT", "operator_token and operator_token_file: give one of them")
        if self.unix_address is not None and self.port not in {0, _NUMBERS["port"][0]}:
            raise GymwireError("INVALID_ARGUMENT", f"port: {self.host} has none: leave it away")
        is_protected = self.token_file is not None or self.tls_cert is not None
        if not is_loopback(self.host) and not is_protected and not self.insecure:
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"host: {self.host} is reachable from other machines, and this server has neither encryption nor a "
                "token; listen on 127.0.0.1, give a token file or a certificate, or say insecure if the network "
                "itself is trusted",
            )

    @property
    def unix_address(self) -> ServerAddress | None:
        """Where `host` is a Unix socket."""
        if not is_unix_address(self.host):
            return None
        return unix_address(self.host, "host", encrypts=self.tls_cert is not None)

    @property
    def warnings(self) -> list[str]:
        """What an operator should know of the choice that was made."""
        files = {
            "token_file": self.token_file,
            "operator_token_file": self.operator_token_file,
            "tls_key": self.tls_key,
        }
        open_to_all = [
            f"{name}: everybody on this machine can read {path}: chmod 600 it"
            for name, path in files.items()
            if path is not None and _is_open_to_all(path)
        ]
        return [*open_to_all, *self._exposure()]

    def _exposure(self) -> list[str]:
        if is_loopback(self.host):
            return []
        has_tls = self.tls_cert is not None
        knows_clients = self.token_file is not None or self.tls_client_ca is not None
        if has_tls and knows_clients:
            return []
        is_open = f"{self.host} is reachable from other machines"
        if has_tls:
            return [f"{is_open}, and whoever reaches it may use this server: set a token"]
        if knows_clients:
            return [f"{is_open}, and without TLS the token and all else can be read and changed on the way: set TLS"]
        return [f"{is_open}, without encryption or authentication"]

    def read_token(self) -> bytes | None:
        """Raises GymwireError INVALID_ARGUMENT for a file that holds no token."""
        return None if self.token_file is None else _read_token("token_file", self.token_file)

    def read_operator_token(self) -> bytes | None:
        """As `read_token`; INVALID_ARGUMENT, too, when it is the clients' token."""
        token = None if self.operator_token is None else _checked_token("operator_token", self.operator_token.encode())
        if self.operator_token_file is not None:
            token = _read_token("operator_token_file", self.operator_token_file)
        if token is not None and token == self.read_token():
            raise GymwireError(
                "INVALID_ARGUMENT", "operator_token_file: expected another token than that of the clients"
            )
        return token

    def check_tls(self) -> None:
        """gRPC would only say that it cannot listen. Raises GymwireError INVALID_ARGUMENT, naming the file."""
        if self.tls_cert is None or self.tls_key is None:
            return
        read_trusted_file("tls_cert", self.tls_cert)
        read_trusted_file("tls_key", self.tls_key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # With an empty password: else OpenSSL asks the terminal for that of an encrypted key.
            context.load_cert_chain(self.tls_cert, self.tls_key, lambda: b"")
        except (ssl.SSLError, ValueError) as error:
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"tls_cert, tls_key: expected a certificate as PEM in {self.tls_cert} and its private key, not "
                f"encrypted, in {self.tls_key}: {error}",
            ) from error
        if self.tls_client_ca is not None:
            read_authorities("tls_client_ca", self.tls_client_ca)


def is_loopback(host: str) -> bool:
    """Also a socket of this machine, and an address of IPv6 in brackets."""
    if host == "localhost" or is_unix_address(host):
        return True
    try:
        address = ipaddress.ip_address(without_brackets(host))
    except ValueError:
        return False
    return address.is_loopback


def without_brackets(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def _is_open_to_all(path: str | Path) -> bool:
    """Windows has no such modes."""
    try:
        return sys.platform != "win32" and bool(Path(path).stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _read_token(name: str, path: str | Path) -> bytes:
    return _checked_token(name, read_trusted_file(name, path).strip(), f" in {path}")


def _checked_token(name: str, token: bytes, where: str = "") -> bytes:
    """An empty one would open the server to whoever sends none."""
    if len(token) < _MIN_TOKEN_LENGTH or not _TOKEN.fullmatch(token):
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"{name}: expected one token of at least {_MIN_TOKEN_LENGTH} characters out of "
            f"A-Z a-z 0-9 - . _ ~ + /{where}",
        )
    return token

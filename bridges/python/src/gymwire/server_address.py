"""Where a server is reached: the one place that reads addresses, for clients and servers."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from dataclasses import dataclass
from urllib.parse import quote

from gymwire.errors import GymwireError

_UNIX = "unix:"
_ABSTRACT = "unix-abstract:"
_TCP = re.compile(r"(?:dns:///|ipv4:|ipv6:)?(?:\[([^\]\s]+)\]|([^\s/\[\]:]+)):(\d{1,5})")
_TARGET = re.compile(r"^(?:(?:dns|ipv4|ipv6):(?://[^/]*/)?)?(.*)$")
#: Bytes that fit, beside the final zero, into the system's `sockaddr_un`.
LONGEST_PATH = 107 if sys.platform == "linux" else 103


@dataclass(frozen=True)
class ServerAddress:
    """Read from "127.0.0.1:50051", "[::1]:50051", "unix:/run/gym.sock" or, on Linux, "unix-abstract:gym"."""

    #: For people, and for any client on this machine: the path of a socket is absolute.
    text: str
    #: What gRPC's core takes, which reads a URI.
    target: str
    #: Of TCP, or None.
    host: str | None = None
    port: int | None = None
    #: Of a socket file, or None.
    path: str | None = None


def parse_server_address(given: str, *, encrypts: bool) -> ServerAddress:
    """
    Reads "host:port" (a port left away would mean 443), or a Unix socket.

    Raises GymwireError INVALID_ARGUMENT; UNSUPPORTED for sockets that this system does not have.

    :param encrypts: with TLS, which a Unix socket has not
    """
    if isinstance(given, str) and is_unix_address(given):
        return unix_address(given, "server address", encrypts=encrypts)
    found = _TCP.fullmatch(given) if isinstance(given, str) else None
    if found is not None and int(found[3]) <= 65535:
        return ServerAddress(given, given, host=found[1] or found[2], port=int(found[3]))
    raise GymwireError(
        "INVALID_ARGUMENT",
        f"server address: expected host:port such as 127.0.0.1:50051, or unix:/path/of/a.sock, got {given!r}",
    )


def is_unix_address(text: str) -> bool:
    """Whether it is meant as a socket of this machine that is no port."""
    return text.startswith((_UNIX, _ABSTRACT))


def unix_address(given: str, what: str, *, encrypts: bool) -> ServerAddress:
    """As `parse_server_address`, of what `is_unix_address`; `what` names the option in errors."""
    if sys.platform == "win32":
        raise GymwireError("UNSUPPORTED", f"{what}: {given}: there are no Unix sockets on Windows: give host:port")
    if encrypts:
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"{what}: {given} is a socket of this machine, where there is no TLS: leave the TLS options away; the "
            "permissions of the file say who may connect, and a token works as well",
        )
    if given.startswith(_ABSTRACT):
        return _abstract_address(given, what)
    path = given.removeprefix(_UNIX)
    is_host = path.startswith("//") and not path.startswith("///")
    path = path.removeprefix("//")
    if path in {"", "."} or is_host or path.endswith("/") or "\0" in path:
        example = "unix:/run/gym.sock, unix:///run/gym.sock or unix:gym.sock"
        raise GymwireError(
            "INVALID_ARGUMENT", f"{what}: expected the path of a socket such as {example}, got {given!r}"
        )
    whole = os.path.abspath(path)
    length = len(os.fsencode(whole))
    if length > LONGEST_PATH:
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"{what}: the path of a Unix socket may have {LONGEST_PATH} bytes, {whole} has {length}: give a "
            "shorter one",
        )
    return ServerAddress(f"{_UNIX}{whole}", target_of_path(whole), path=whole)


def target_of_path(path: str) -> str:
    return _UNIX + quote(os.fsencode(path))


def _abstract_address(given: str, what: str) -> ServerAddress:
    name = given.removeprefix(_ABSTRACT)
    if sys.platform != "linux":
        raise GymwireError("UNSUPPORTED", f"{what}: {given}: only Linux has these: give the path of a file, unix:/path")
    if not 0 < len(os.fsencode(name)) <= LONGEST_PATH:
        raise GymwireError(
            "INVALID_ARGUMENT", f"{what}: expected a name of at most {LONGEST_PATH} bytes, got {given!r}"
        )
    return ServerAddress(given, _ABSTRACT + quote(os.fsencode(name)))


def is_loopback_address(address: str) -> bool:
    """Whether a gRPC address (`host:port`, `[::1]:1`, `dns:///host:port`, `unix:/run/robot`) stays on this machine."""
    if is_unix_address(address):
        return True
    match = _TARGET.match(address)
    host = _host_of(match[1] if match is not None else address).lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback


def _host_of(address: str) -> str:
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::\d+)?", address)
    if bracketed is not None:
        return bracketed[1]
    return address if address.count(":") > 1 else re.sub(r":\d+$", "", address)

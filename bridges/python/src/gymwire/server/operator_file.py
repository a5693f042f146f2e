"""
Where a server that was started from a command line leaves the operator's token, for `gymwire sessions` on the same
machine. See docs/protocol.md, "The operator's side".
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gymwire.errors import GymwireError
from gymwire.private_file import write_private_file
from gymwire.server_address import parse_server_address


@dataclass(frozen=True)
class KnownServer:
    address: str
    token: str
    #: It speaks TLS, so that whoever asks it needs to know its authority.
    tls: bool = False


def write_operator_file(server: KnownServer) -> Path:
    """The file, mode 0600, in a folder that is the user's alone. Raises OSError where there is none."""
    path = _folder() / _name(server.address)
    write_private_file(path, json.dumps(asdict(server)).encode())
    return path


def remove_operator_file(path: Path, token: str) -> None:
    """If it is still that of this token."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if json.loads(path.read_bytes())["token"] == token:
            path.unlink()


def read_operator_files() -> list[KnownServer]:
    """The servers of this user on this machine; those that ended without a word too."""
    found: dict[str, KnownServer] = {}
    for folder in reversed([folder for folder in _candidates() if folder.is_dir()]):
        with contextlib.suppress(OSError):
            _check(folder)
            for path in folder.glob("operator-*.json"):
                with contextlib.suppress(OSError, ValueError, KeyError, TypeError, GymwireError):
                    _check(path)
                    content = json.loads(path.read_bytes())
                    known = KnownServer(content["address"], content["token"], content.get("tls") is True)
                    if path.name == _name(known.address):
                        found[path.name] = known
    return [found[name] for name in sorted(found)]


def _name(address: str) -> str:
    """By the port; of a Unix socket, by a hash of its path."""
    parsed = parse_server_address(address, encrypts=False)
    if parsed.port is not None:
        return f"operator-{parsed.port}.json"
    what = parsed.text if parsed.path is None else parsed.path
    return f"operator-unix-{hashlib.sha256(os.fsencode(what)).hexdigest()[:16]}.json"


def _candidates() -> Iterator[Path]:
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "gymwire"
        return
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        yield Path(runtime) / "gymwire"
    yield Path(tempfile.gettempdir()) / f"gymwire-{os.getuid()}"


def _folder() -> Path:
    """The first that can be made. Raises OSError."""
    fault: OSError | None = None
    for folder in _candidates():
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            _check(folder)
        except OSError as error:
            fault = error
        else:
            return folder
    raise fault or OSError("no folder")


def _check(path: Path) -> None:
    """Raises OSError for a symbolic link, and for what others own or can open."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise PermissionError(f"{path} is a symbolic link")
    if sys.platform != "win32" and (status.st_uid != os.getuid() or status.st_mode & 0o077):
        raise PermissionError(f"{path} is not this user's alone")

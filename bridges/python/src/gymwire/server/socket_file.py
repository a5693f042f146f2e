"""
A server's socket file: for its owner alone, taken over from a server that has died, never from one that lives. gRPC's
core would put its own in the place of whatever socket lies there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from gymwire.errors import GymwireError
from gymwire.server_address import LONGEST_PATH, target_of_path


class SocketFile:
    """The file of a server that listens. Made by `bind`."""

    def __init__(self, path: Path, status: os.stat_result) -> None:
        self._path = path
        self._status = status

    @classmethod
    def bind(cls, given: str, add_port: Callable[[str], object]) -> SocketFile:
        """
        Raises GymwireError SERVER_UNAVAILABLE where another server lives, or something else lies there.

        :param add_port: has gRPC listen, on a target
        """
        path = Path(given)
        # Under a name that nobody knows, and then, if the place is free, under its own: gRPC takes no socket of ours.
        beside = path.with_name(f".{secrets.token_hex(3)}")
        if len(os.fsencode(beside)) > LONGEST_PATH:
            raise GymwireError("INVALID_ARGUMENT", f"host: the folder of {path} has too long a path for a Unix socket")
        try:
            _remove_dead(path)
            _add_for_owner(beside, add_port)
            try:
                os.link(beside, path)
            finally:
                beside.unlink(missing_ok=True)
            return cls(path, path.lstat())
        except FileExistsError as error:
            raise _unavailable(path, "another server has begun to listen there") from error
        except OSError as error:
            raise _unavailable(path, error.strerror or str(error)) from error

    def remove(self) -> None:
        """If it is still this server's own."""
        with contextlib.suppress(OSError):
            if os.path.samestat(self._path.lstat(), self._status):
                self._path.unlink()


def _add_for_owner(path: Path, add_port: Callable[[str], object]) -> None:
    """The file has mode 0600 from its first moment."""
    before = os.umask(0o177)
    try:
        add_port(target_of_path(str(path)))
    except RuntimeError as error:
        folder = path.parent
        why = "no such folder" if not folder.is_dir() else "no socket can be made in its folder"
        raise _unavailable(path, f"{why}: {folder}") from error
    finally:
        os.umask(before)


def _remove_dead(path: Path) -> None:
    """Raises GymwireError SERVER_UNAVAILABLE where somebody listens, or another kind of file lies; OSError."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise _unavailable(path, "there is a file of another kind: give another path, or remove it")
    with socket.socket(socket.AF_UNIX) as client:
        # Else a server that is too busy to accept would keep this one waiting.
        client.setblocking(False)
        heard = True
        try:
            client.connect(str(path))
        except ConnectionRefusedError:
            heard = False
        except BlockingIOError:
            pass
        if heard:
            raise _unavailable(path, "another server listens there: give another path, or end that one")
    # Meanwhile another server may have done the same and be listening: what is taken away must be what was found dead.
    aside = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    path.rename(aside)
    try:
        if not os.path.samestat(aside.lstat(), found):
            os.link(aside, path)
            raise _unavailable(path, "another server has begun to listen there")
    finally:
        aside.unlink()


def _unavailable(path: Path, why: str) -> GymwireError:
    return GymwireError("SERVER_UNAVAILABLE", f"cannot listen on unix:{path}: {why}")

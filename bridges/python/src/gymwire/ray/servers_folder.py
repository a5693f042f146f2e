"""A folder with what a trainer needs to reach a fleet: `servers`, an address a line; `token`; `ca.pem`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from gymwire.errors import GymwireError
from gymwire.private_file import write_private_file
from gymwire.ray.authority import Credentials

_SERVERS, _TOKEN, _CA = "servers", "token", "ca.pem"
#: Relative to the folder of the file that says so.
_OPENED_BY = f"token-file={_TOKEN} ca={_CA}"
_FIRST_LINE = re.compile(r"# the fleet (\S+) on Ray; written by gymwire-ray")


class ServersFolder:
    """Made where it is missing, for this user alone. Its files are replaced in one go: readers see whole ones."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def flags(self) -> list[str]:
        """For `gymwire train`. The file of servers names the other two."""
        return ["--servers-file", str(self.path / _SERVERS)]

    def check(self, fleet: str) -> None:
        """
        What lies there and is not this fleet's belongs to another one, or to the user.

        :raises GymwireError: INVALID_ARGUMENT
        """
        if self._owner() == fleet:
            return
        for name in (_SERVERS, _TOKEN, _CA):
            if (self.path / name).exists():
                raise GymwireError(
                    "INVALID_ARGUMENT",
                    f"{self.path / name} is not of the fleet {fleet}: name another folder with --folder",
                )

    def write(self, fleet: str, addresses: Sequence[str], credentials: Credentials) -> None:
        """:raises GymwireError: INVALID_ARGUMENT as `check` does"""
        self.check(fleet)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._owner() is None:
            # Whatever happens next, the files are known to be this fleet's.
            self.write_addresses(fleet, [])
        write_private_file(self.path / _TOKEN, f"{credentials.token}\n".encode())
        write_private_file(self.path / _CA, credentials.ca.encode())
        self.write_addresses(fleet, addresses)

    def write_addresses(self, fleet: str, addresses: Sequence[str]) -> None:
        lines = [
            f"# the fleet {fleet} on Ray; written by gymwire-ray",
            *(f"{address} {_OPENED_BY}" for address in addresses),
        ]
        write_private_file(self.path / _SERVERS, "".join(f"{line}\n" for line in lines).encode())

    def remove(self, fleet: str) -> bool:
        """
        These three files, and the folder if it is empty then.

        :returns: False where there are none of this fleet's
        """
        if self._owner() != fleet:
            return False
        for name in (_SERVERS, _TOKEN, _CA):
            (self.path / name).unlink(missing_ok=True)
        # Files of the user's keep it.
        with contextlib.suppress(OSError):
            self.path.rmdir()
        return True

    def _owner(self) -> str | None:
        """The fleet whose servers it names; None where it says of none."""
        try:
            lines = (self.path / _SERVERS).read_text("utf-8", "replace").splitlines()
        except OSError:
            return None
        said = _FIRST_LINE.fullmatch(lines[0]) if lines else None
        return None if said is None else said[1]

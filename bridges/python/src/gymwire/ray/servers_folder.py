"""A folder with what a trainer needs to reach a fleet: `servers`, an address a line; `token`; `ca.pem`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gymwire.private_file import write_private_file
from gymwire.ray.authority import Credentials

_SERVERS, _TOKEN, _CA = "servers", "token", "ca.pem"
#: Relative to the folder of the file that says so.
_OPENED_BY = f"token-file={_TOKEN} ca={_CA}"


class ServersFolder:
    """Made where it is missing, for this user alone. Its files are replaced in one go: readers see whole ones."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def flags(self) -> list[str]:
        """For `gymwire train`. The file of servers names the other two."""
        return ["--servers-file", str(self.path / _SERVERS)]

    def write(self, fleet: str, addresses: Sequence[str], credentials: Credentials) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private_file(self.path / _TOKEN, f"{credentials.token}\n".encode())
        write_private_file(self.path / _CA, credentials.ca.encode())
        self.write_addresses(fleet, addresses)

    def write_addresses(self, fleet: str, addresses: Sequence[str]) -> None:
        lines = [
            f"# the fleet {fleet} on Ray; written by gymwire-ray",
            *(f"{address} {_OPENED_BY}" for address in addresses),
        ]
        write_private_file(self.path / _SERVERS, "".join(f"{line}\n" for line in lines).encode())

    def remove(self) -> None:
        """These three files, and the folder if it is empty then."""
        for name in (_SERVERS, _TOKEN, _CA):
            (self.path / name).unlink(missing_ok=True)
        try:
            self.path.rmdir()
        except OSError:
            # Missing, or with files of the user's.
            return

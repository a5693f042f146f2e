"""A training's share of a fleet: a lease that is kept up, and the files that say which servers it has got."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
from pathlib import Path

from gymwire.errors import GymwireError
from gymwire.ray.cluster import ask, find_fleet
from gymwire.ray.servers_folder import ServersFolder

_RENEW_S = 2.0
_POLL_S = 0.5


class FleetLink:
    """
    Waits until one host is there; further ones join, and lost ones go, by the file that the trainer reads again.

    :param lease: a name that no other training has
    """

    def __init__(self, fleet: str, lease: str, hosts: int) -> None:
        self._fleet = fleet
        self._lease = lease
        self._hosts = hosts
        self._actor = find_fleet(fleet)
        self._folder = ServersFolder(Path(tempfile.mkdtemp(prefix="gymwire-fleet-")))
        self._ending = threading.Event()
        self._addresses: list[str] = []
        try:
            while not self._addresses:
                self._addresses = self._hold()
                if not self._addresses:
                    time.sleep(_POLL_S)
            self._folder.write(fleet, self._addresses, ask(self._actor, "credentials"))
        except BaseException:
            shutil.rmtree(self._folder.path, ignore_errors=True)
            raise
        self._renewer = threading.Thread(target=self._renew, name="gymwire-lease", daemon=True)
        self._renewer.start()

    @property
    def folder(self) -> Path:
        return self._folder.path

    @property
    def flags(self) -> list[str]:
        """For `gymwire train`."""
        return self._folder.flags

    def close(self) -> None:
        """Gives the hosts back, and deletes the files."""
        self._ending.set()
        self._renewer.join()
        self._actor.release.remote(self._lease)
        shutil.rmtree(self._folder.path, ignore_errors=True)

    def _hold(self) -> list[str]:
        held: list[str] = ask(self._actor, "hold", self._lease, self._hosts)
        return held

    def _renew(self) -> None:
        while not self._ending.wait(_RENEW_S):
            # The fleet's actor is started anew where it fails. Until then the last list stands, and so it does when no
            # host is left: a file without an address says nothing that a trainer could use.
            with contextlib.suppress(GymwireError, OSError):
                held = self._hold()
                if held and held != self._addresses:
                    self._folder.write_addresses(self._fleet, held)
                    self._addresses = held

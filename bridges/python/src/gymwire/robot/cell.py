"""
One robot and several processes: who may command it, and the emergency stop that outlives them all.

Each session is a process of its own, and so is the operator. What they share is a folder: a lock that the system takes
back from a process that dies, and a file that is there as long as the robot is stopped.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class RobotCell:
    """
    :param folder: made where it is missing; one for each robot. It must be on a disk of this machine.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stop = self.folder / "emergency-stop"
        self._instruction = self.folder / "instruction"
        self._control = _FileLock(self.folder / "control")
        self._queue = _FileLock(self.folder / "queue")

    def emergency_stop(self, reason: str) -> None:
        """Stops the robot within a tick, whoever is in control; holds until it is cleared and a reset follows."""
        self._write(self._stop, reason)

    def clear_emergency_stop(self) -> None:
        """A cause that goes on (a button that is still pressed) stops it again."""
        self._stop.unlink(missing_ok=True)

    @property
    def emergency(self) -> str | None:
        """Why the robot is stopped; None: it is not."""
        try:
            return self._stop.read_text("utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            # A stop that cannot be read is one all the same.
            return f"the cell cannot be read: {error}"

    @property
    def instruction(self) -> str | None:
        """What a reset waits for a person to do; None: it waits for nobody."""
        try:
            return self._instruction.read_text("utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            # Nobody confirms what cannot be read.
            return f"the cell cannot be read: {error}"

    def confirm(self) -> None:
        """Tells the reset that waits that what it asked for is done."""
        self._instruction.unlink(missing_ok=True)

    def instruct(self, message: str) -> None:
        """The control loop's to call: what a person is to do."""
        self._write(self._instruction, message)

    def take(self) -> bool:
        """Whether this process has the robot now."""
        return self._control.take()

    def give_up(self) -> None:
        self._control.give_up()

    def queue(self) -> None:
        """Lets the process that has the robot know that another one waits; nothing happens where one waits already."""
        self._queue.take()

    def leave_queue(self) -> None:
        self._queue.give_up()

    @property
    def is_wanted(self) -> bool:
        """Whether another process waits."""
        if self._queue.is_held:
            return False
        is_free = self._queue.take()
        self._queue.give_up()
        return not is_free

    def _write(self, path: Path, text: str) -> None:
        fresh = self.folder / f"{path.name}.{os.getpid()}"
        fresh.write_text(text, "utf-8")
        fresh.replace(path)


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    @property
    def is_held(self) -> bool:
        return self._file is not None

    def take(self) -> bool:
        if self._file is not None:
            return True
        file = self._path.open("ab+")
        try:
            if sys.platform == "win32":
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def give_up(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._file.seek(0)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_UNLCK, 1)
            else:
                fcntl.flock(self._file.fileno(), fcntl.LOCK_UN)
        self._file.close()
        self._file = None

"""One `gymwire train --json` in a process of its own, by its run folder: begun, or gone on with where there is one."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gymwire.ray.kept_process import KeptProcess

#: A checkpoint with a full replay buffer takes a while to write.
_SAVE_S = 300.0
#: How long the one that was here before may take to save.
_BUSY_S = 300.0
_AGAIN_S = 1.0

Event = Mapping[str, Any]


class TrainingFailedError(Exception):
    """What was learnt until then is in the run folder. It travels to the driver: all of it is in `args`."""

    def __init__(self, exit_code: int, what: str) -> None:
        super().__init__(exit_code, what)
        self.exit_code = exit_code
        #: The command's error.
        self.what = what

    def __str__(self) -> str:
        return f"gymwire train ended with exit code {self.exit_code}: {self.what}"


class TrainingRun:
    """
    :param command: how `gymwire` is called
    :param arguments: of `train`, but for the folder. A run that is gone on with takes them where they are its own
    :param secrets: a folder of its files that is deleted with it
    """

    def __init__(
        self, command: Sequence[str], folder: Path, arguments: Sequence[str], secrets: Path | None = None
    ) -> None:
        self.folder = folder
        self._command = command
        self._arguments = arguments
        self._secrets = secrets
        self._process = self._start()
        self._is_ending = False

    def events(self) -> Iterator[Event]:
        """
        What it tells, as docs/command-line.md has it, until it ends.

        :raises TrainingFailedError: where its exit code is neither 0 nor that of an interrupted run
        """
        give_up = time.monotonic() + _BUSY_S
        while True:
            fault: Event = {}
            for line in self._process.lines():
                event = _event(line)
                if event.get("type") == "error":
                    fault = event
                elif event:
                    yield event
            code = self._process.wait()
            is_busy = fault.get("code") == "RUN_BUSY" and time.monotonic() < give_up
            if not is_busy or self._is_ending:
                break
            # Of an actor that Ray has ended: its trainer saves, and lets go of the folder.
            time.sleep(_AGAIN_S)
            self._process = self._start()
        if code not in (0, 130):
            what = f"{fault['code']}: {fault['message']}" if fault else self._process.last_words
            raise TrainingFailedError(code, what)

    def end(self) -> None:
        """Ctrl-C: returns when all is saved."""
        self._is_ending = True
        self._process.end()

    def _start(self) -> KeptProcess:
        goal = ["--resume", str(self.folder), "--take-over"] if is_run(self.folder) else ["--out", str(self.folder)]
        words = [*self._command, "--json", "train", *goal, *self._arguments]
        return KeptProcess(words, ending=signal.SIGINT, grace_s=_SAVE_S, secrets=self._secrets)


def is_run(folder: Path) -> bool:
    return (folder / "config.json").exists()


def last_evaluation(folder: Path) -> Event:
    """The run's last one; empty where there was none."""
    try:
        lines = (folder / "metrics.jsonl").read_text("utf-8").splitlines()
    except OSError:
        return {}
    evaluations = (event for line in reversed(lines) if (event := _event(line)).get("type") == "evaluation")
    return next(evaluations, {})


def await_release(folder: Path, is_late: Callable[[], bool]) -> bool:
    """Until no process has the run any more. Whether that came to be before it was late."""
    while (folder / ".gymwire-lock").exists():
        if is_late():
            return False
        time.sleep(_AGAIN_S)
    return True


def _event(line: str) -> Event:
    """Nothing for what is none: a crash may cut the last line."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}

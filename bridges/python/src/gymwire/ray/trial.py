"""A trial of Ray Tune: one run of `gymwire train`, whose evaluations are its results."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ray import tune

from gymwire.ray.fleet_link import FleetLink
from gymwire.ray.train_options import flags_of
from gymwire.ray.training_run import Event, TrainingRun, last_evaluation

#: Numbers of an evaluation that are reported, by their names in metrics.jsonl.
_REPORTED = ("envSteps", "gradientSteps", "episodes", "meanReturn", "stdReturn", "meanLength")


@dataclass(frozen=True)
class TrialJob:
    """What the trials of one experiment have in common. No secrets: Tune saves it."""

    command: tuple[str, ...]
    #: Where run folders are made, each called after its trial; or with `folder`, that one.
    out: str
    folder: str | None
    #: Of `gymwire train`.
    arguments: tuple[str, ...]
    fleet: str | None
    hosts: int

    def folder_of(self, trial: str) -> Path:
        return Path(self.folder if self.folder is not None else f"{self.out}/{trial}")


class GymwireTrial(tune.Trainable):
    """Ray Tune stops it by `cleanup`. Where it only ends the process, the trainer hears of it, and saves as well."""

    def setup(self, config: dict[Any, Any], job: TrialJob | None = None) -> None:
        if job is None:
            raise TypeError("expected a job: tune.with_parameters(GymwireTrial, job=…)")
        name = str(self.trial_name)
        folder = job.folder_of(name)
        options: Mapping[str, Any] = config.get("options", {})
        self._link = None if job.fleet is None else FleetLink(job.fleet, str(folder), job.hosts)
        servers = [] if self._link is None else self._link.flags
        secrets = None if self._link is None else self._link.folder
        try:
            self._run = TrainingRun(job.command, folder, [*job.arguments, *flags_of(options), *servers], secrets)
        except BaseException:
            self._unlink()
            raise
        self._events: Iterator[Event] = self._run.events()
        self._last: dict[str, Any] = _reported(last_evaluation(folder))
        self._best: float | None = None
        self._total = math.inf

    def step(self) -> dict[str, Any]:
        """Until the next evaluation, or the end, with which the last one is told: nobody is stopped there."""
        for event in self._events:
            if event["type"] == "start":
                self._total = event["totalEnvSteps"]
            if event["type"] == "evaluation":
                self._last = _reported(event)
                if event["isBest"]:
                    self._best = event["meanReturn"]
                if event["envSteps"] < self._total:
                    return {**self._last, **self._about()}
            if event["type"] == "result":
                best = event.get("best")
                if best is not None:
                    self._best = best["meanReturn"]
                self._last["envSteps"] = event["envSteps"]
                status = {"status": event["status"], "done": event["status"] != "interrupted"}
                return {"meanReturn": -math.inf, **self._last, **self._about(), **status}
        raise RuntimeError("gymwire train ended without a result")

    def cleanup(self) -> None:
        self._run.end()
        self._unlink()

    def _about(self) -> dict[str, Any]:
        return {"bestReturn": self._best, "runFolder": str(self._run.folder)}

    def _unlink(self) -> None:
        if self._link is not None:
            self._link.close()


def _reported(evaluation: Event) -> dict[str, Any]:
    return {name: evaluation[name] for name in _REPORTED if name in evaluation}

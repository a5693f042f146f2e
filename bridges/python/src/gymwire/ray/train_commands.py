"""`gymwire-ray train` and `gymwire-ray tune`."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gymwire.errors import GymwireError
from gymwire.ray.cluster import ask, find_fleet
from gymwire.ray.output import Output
from gymwire.ray.plan import FleetPlan
from gymwire.ray.sweep import Sweep, is_fixed
from gymwire.ray.train_options import flags_of
from gymwire.ray.training_run import is_run
from gymwire.ray.trial import TrialJob
from gymwire.ray.tuning import Experiment, TrialResult, run_config, sweep_config

INTERRUPTED = 130
_DEFAULT_STEPS = 1_000_000


@dataclass(frozen=True)
class Trials:
    """How trials are run."""

    #: How `gymwire` is called on the nodes.
    command: tuple[str, ...]
    fleet: str | None
    #: That each asks the fleet for; None: as many as it may have.
    hosts: int | None
    cpus: float
    failures: int


#: Flags of `gymwire train` that a sweep gives itself, and those that say where a training finds its servers.
_SWEEP = ("--out", "--resume", "--take-over", "--env")
_TLS = ("--tls", "--ca", "--tls-cert", "--tls-key", "--tls-server-name")
#: A sweep has many seeds, and Ray places its trials.
_SEEDS = ("--seeds", "--parallel")
_SERVER = ("--server", "--servers-file", "--token-file", *_TLS)


def train(folder: Path, arguments: Sequence[str], resume: bool, trials: Trials, output: Output) -> int:
    """
    One run, as a trial. Returns the exit code.

    :param arguments: of `gymwire train`, but for its folder
    :raises GymwireError: INVALID_ARGUMENT where the folder is not as it should be
    """
    if is_run(folder) != resume:
        state = "holds no run to go on with" if resume else "holds a run already: another --out, or --resume"
        raise GymwireError("INVALID_ARGUMENT", f"{folder} {state}")
    _refuse(arguments, _SEEDS, "that is for one machine; here, a sweep over seed: {grid: [0, 1]}")
    _refuse(arguments, _SERVER if trials.fleet is not None else (), "--fleet says already which servers")
    # Tune's own files of this sitting: what counts of a run is in its folder.
    scratch = folder.parent / ".gymwire-ray" / folder.name
    shutil.rmtree(scratch, ignore_errors=True)
    hosts = _hosts(trials.fleet, trials.hosts)
    job = TrialJob(trials.command, str(scratch), str(folder), tuple(arguments), trials.fleet, hosts)
    (result,) = Experiment(job, trials.cpus, trials.failures).begin({}, run_config(folder.name), output)
    if result.fault is not None:
        output.error("TRAINING_FAILED", f"{result.fault}; go on with: gymwire-ray train --resume {folder}")
        return result.exit_code
    output.event("result", **_fields(result))
    output.say(f"the run is in {folder}")
    if result.status == "interrupted":
        output.say(f"interrupted; go on with: gymwire-ray train --resume {folder}")
        return INTERRUPTED
    return 0


def tune_sweep(sweep: Sweep, resume: bool, command: Sequence[str], output: Output) -> int:
    """
    All trials of a sweep. Returns the exit code.

    :raises GymwireError: INVALID_ARGUMENT where the folder is not as it should be
    """
    _refuse(sweep.arguments, (*_SWEEP, *_SEEDS), "the sweep says that itself")
    _refuse(sweep.arguments, _SERVER if sweep.fleet is not None else (), "fleet says already which servers")
    fixed = {name: value for name, value in sweep.options.items() if is_fixed(value)}
    folder = sweep.out / sweep.name
    arguments = ("--env", sweep.env, *flags_of(fixed), *sweep.arguments)
    hosts = _hosts(sweep.fleet, sweep.hosts)
    job = TrialJob(tuple(command), str(folder), None, arguments, sweep.fleet, hosts)
    experiment = Experiment(job, sweep.cpus, sweep.failures)
    if experiment.path.exists() != resume:
        state = "holds no sweep to go on with" if resume else "holds a sweep already: another name, or --resume"
        raise GymwireError("INVALID_ARGUMENT", f"{folder} {state}")
    if resume:
        results = experiment.resume(output)
    else:
        spaces = {name: value for name, value in sweep.options.items() if name not in fixed}
        steps = sweep.options.get("totalEnvSteps", _DEFAULT_STEPS)
        results = experiment.begin(spaces, sweep_config(sweep, steps), output)
    return _tell(results, folder, output)


def _hosts(fleet: str | None, hosts: int | None) -> int:
    """Raises GymwireError SERVER_UNAVAILABLE here and now where the fleet is not up."""
    if fleet is None:
        return 0
    plan: FleetPlan = ask(find_fleet(fleet), "plan")
    return plan.maximum if hosts is None else hosts


def _refuse(arguments: Sequence[str], flags: Sequence[str], why: str) -> None:
    for word in arguments:
        if word.partition("=")[0] in flags:
            raise GymwireError("INVALID_ARGUMENT", f"{word}: {why}")


def _tell(results: Sequence[TrialResult], folder: Path, output: Output) -> int:
    ranked = sorted(results, key=lambda result: -math.inf if result.best_return is None else result.best_return)
    ranked.reverse()
    trials = [_fields(result) for result in ranked]
    (folder / "trials.json").write_text(json.dumps(trials, indent=2) + "\n", "utf-8")
    output.event("sweep", folder=str(folder), trials=trials)
    rows = [("best return", "steps", "status", "run", "options"), *map(_row, ranked)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        output.say("  ".join([*cells, row[4]]).rstrip())
    statuses = {result.status for result in results}
    for result in ranked:
        if result.fault is not None:
            output.note(f"{result.name} failed: {result.fault}")
    if statuses & {"interrupted", "pending"}:
        output.say("interrupted; go on with the same command and --resume")
        return INTERRUPTED
    return max((result.exit_code for result in results), default=0)


def _row(result: TrialResult) -> tuple[str, ...]:
    best = "-" if result.best_return is None else f"{result.best_return:.1f}"
    options = ", ".join(f"{name} {value}" for name, value in result.options.items())
    return best, str(result.env_steps), result.status, result.name, options


def _fields(result: TrialResult) -> dict[str, Any]:
    return {
        "trial": result.name,
        "status": result.status,
        "runFolder": result.run_folder,
        "envSteps": result.env_steps,
        "bestReturn": result.best_return,
        "options": result.options,
        "fault": result.fault,
    }

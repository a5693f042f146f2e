"""Trials on Ray Tune: what it is told, and what it tells."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search import BasicVariantGenerator
from ray.tune.search.optuna import OptunaSearch

from gymwire.ray.output import Output
from gymwire.ray.sweep import Space, Sweep
from gymwire.ray.training_run import TrainingFailedError, await_release
from gymwire.ray.trial import GymwireTrial, TrialJob

METRIC = "meanReturn"
#: Tune's own files, beside the run folders.
_TUNE_FOLDER = ".ray"
_SAVE_S = 300.0


@dataclass(frozen=True)
class TrialResult:
    name: str
    run_folder: str
    options: Mapping[str, Any]
    #: completed, solved, stopped (by ASHA), interrupted or failed
    status: str
    env_steps: int
    best_return: float | None
    #: Why it failed, and the exit code of `gymwire train`.
    fault: str | None = None
    exit_code: int = 0


def _space_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a sweep in Tune's words."""
    return {
        name: _space_of(value) if isinstance(value, dict) else _domain(value) if isinstance(value, Space) else value
        for name, value in options.items()
    }


def _domain(space: Space) -> Any:
    values = list(space.values)
    if space.kind == "grid":
        return tune.grid_search(values)
    if space.kind == "choice":
        return tune.choice(values)
    low, high = values
    if space.kind == "integers":
        # Tune's high is not drawn.
        return tune.randint(low, high + 1)
    return tune.loguniform(low, high) if space.kind == "loguniform" else tune.uniform(low, high)


def sweep_config(sweep: Sweep, total_steps: int) -> tune.TuneConfig:
    """:param total_steps: of a trial that is not stopped"""
    searcher = (
        OptunaSearch(metric=METRIC, mode="max", seed=sweep.search_seed)
        if sweep.search == "optuna"
        else BasicVariantGenerator(random_state=sweep.search_seed)
    )
    asha = sweep.asha
    scheduler = (
        None
        if asha is None
        else ASHAScheduler(
            time_attr="envSteps",
            grace_period=asha.grace,
            reduction_factor=asha.reduction,
            # Who has come to the end is not stopped there.
            max_t=max(total_steps, asha.grace) + 1,
        )
    )
    return tune.TuneConfig(
        metric=METRIC,
        mode="max",
        num_samples=sweep.trials,
        search_alg=searcher,
        scheduler=scheduler,
        max_concurrent_trials=sweep.concurrent,
        trial_name_creator=_name_of,
        trial_dirname_creator=_name_of,
    )


def run_config(name: str) -> tune.TuneConfig:
    """Of a single trial, called as its run folder is."""
    return tune.TuneConfig(trial_name_creator=lambda _: name, trial_dirname_creator=lambda _: name)


def _name_of(trial: Any) -> str:
    return str(trial.trial_id)


class Experiment:
    """
    Trials, all of one job, with Tune's own files beside their run folders.

    :param failures: how often a trial is started again, from its run folder
    """

    def __init__(self, job: TrialJob, cpus: float, failures: int) -> None:
        self._job = job
        trainable = tune.with_parameters(GymwireTrial, job=job)
        self._trainable = tune.with_resources(trainable, {"cpu": cpus})
        self._failures = failures

    @property
    def path(self) -> Path:
        return Path(self._job.out) / _TUNE_FOLDER

    def begin(self, options: Mapping[str, Any], config: tune.TuneConfig, output: Output) -> list[TrialResult]:
        """Returns when all trials have ended, or were interrupted."""
        tuner = tune.Tuner(
            self._trainable,
            param_space={"options": _space_of(options)},
            tune_config=config,
            run_config=tune.RunConfig(
                name=_TUNE_FOLDER,
                storage_path=self._job.out,
                failure_config=tune.FailureConfig(max_failures=self._failures),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                callbacks=[_Teller()],
                verbose=0,
            ),
        )
        return self._fit(tuner, _Session(output))

    def resume(self, output: Output) -> list[TrialResult]:
        """Goes on with those that had not ended, or had failed."""
        tuner = tune.Tuner.restore(str(self.path), trainable=self._trainable, resume_errored=True)
        return self._fit(tuner, _Session(output))

    def _fit(self, tuner: tune.Tuner, session: _Session) -> list[TrialResult]:
        with session.listening():
            results = tuner.fit()
        found = [self._result(results[index], session) for index in range(len(results))]
        if session.is_interrupted:
            # Tune ends actors that do not end at once; their trainers save, and let go of the folder then.
            give_up = time.monotonic() + _SAVE_S
            for one in found:
                await_release(Path(one.run_folder), lambda: time.monotonic() > give_up)
        return found

    def _result(self, result: Any, session: _Session) -> TrialResult:
        metrics = result.metrics or {}
        name = Path(result.path).name
        fault, code = _fault_of(result.error)
        status = "failed" if result.error is not None else metrics.get("status", session.status_of(name))
        folder = str(self._job.folder_of(name))
        options = (result.config or {}).get("options", {})
        return TrialResult(
            name, folder, options, status, metrics.get("envSteps", 0), metrics.get("bestReturn"), fault, code
        )


def _fault_of(error: Exception | None) -> tuple[str | None, int]:
    """In words, and the exit code of `gymwire train`; 1 where the fault is another one: its node's, Ray's."""
    if error is None:
        return None, 0
    # What a task raised is the cause of what Ray raises.
    cause = getattr(error, "cause", error)
    if isinstance(cause, TrainingFailedError):
        return cause.what, cause.exit_code
    return str(error).strip().rpartition("\n")[2], 1


class _Session:
    """One sitting with an experiment: what it tells, and whether it was interrupted."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.running: set[str] = set()
        self.is_interrupted = False

    def status_of(self, trial: str) -> str:
        """Of one that has not said so itself."""
        return "interrupted" if self.is_interrupted and trial in self.running else "stopped"

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM end the trials in good order; a second one ends this process at once."""

        def stop(number: int, _: object) -> None:
            self.is_interrupted = True
            self.output.note("stopping: trials save what they have; Ctrl-C again ends at once")
            signal.signal(number, signal.SIG_DFL)
            # Tune takes this one as Ctrl-C, too.
            os.kill(os.getpid(), signal.SIGUSR1)

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        os.environ["TUNE_DISABLE_SIGINT_HANDLER"] = "1"
        os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
        _sessions.append(self)
        try:
            yield
        finally:
            _sessions.remove(self)
            for number, handler in before.items():
                signal.signal(number, handler)


#: That which is under way. Tune saves callbacks with an experiment, and uses the old ones when it is gone on with.
_sessions: list[_Session] = []


class _Teller(tune.Callback):
    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        del iteration, trials
        _sessions[-1].running.add(str(trial))

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        del iteration, trials
        _sessions[-1].running.discard(str(trial))

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **_: Any) -> None:
        del iteration, trials
        if "status" in result:
            return
        output = _sessions[-1].output
        shown = {key: result[key] for key in ("envSteps", "meanReturn", "stdReturn", "bestReturn") if key in result}
        output.event("evaluation", trial=str(trial), **shown)
        about = f"return {result[METRIC]:.1f} ± {result.get('stdReturn', 0.0):.1f}"
        output.say(f"{trial}: step {result.get('envSteps', 0)}: {about}")

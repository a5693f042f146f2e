"""Sweeps: trials of Ray Tune that are ordinary runs."""

from __future__ import annotations

import json
import signal

import ray

SWEEP = """
env: Pendulum-v1
options:
  totalEnvSteps: 800
  learningStarts: 100
  hiddenSizes: [16, 16]
  batchSize: 16
  evaluationInterval: 200
  evaluationEpisodes: 1
  actorLearningRate: {loguniform: [1e-4, 1e-2]}
  envArguments: {g: {choice: [9.81, 10]}}
trials: 8
concurrent: 2
asha: {grace: 200, reduction: 2}
"""


def config_of(folder):
    return json.loads((folder / "config.json").read_text())["options"]


def test_eight_trials_under_asha_end_as_ordinary_run_folders(machine):
    machine = machine(nodes=1)
    (machine.folder / "pendulum.yaml").write_text(SWEEP)
    sweep = machine.event("sweep", "tune", "pendulum.yaml")
    trials = sweep["trials"]
    assert len(trials) == 8
    assert {trial["status"] for trial in trials} == {"completed", "stopped"}
    folder = machine.folder / "runs" / "pendulum"
    assert json.loads((folder / "trials.json").read_text()) == trials
    returns = [trial["bestReturn"] for trial in trials]
    assert returns == sorted(returns, reverse=True)
    for trial in trials:
        run = folder / trial["trial"]
        assert trial["runFolder"] == str(run)
        options = config_of(run)
        assert options["actorLearningRate"] == trial["options"]["actorLearningRate"]
        assert options["envArguments"] == trial["options"]["envArguments"]
        # Those that were stopped were asked to end, and saved.
        assert (run / "last.policy").exists()
        assert not (run / ".gymwire-lock").exists()
        assert (trial["envSteps"] == 800) == (trial["status"] == "completed")
    best = machine.folder / "runs" / "pendulum" / trials[0]["trial"]
    assert machine.gymwire("export", best, "--out", "policy.onnx").returncode == 0
    assert machine.keepers() == set()


def test_a_sweep_that_is_interrupted_saves_all_and_goes_on(machine):
    machine = machine(nodes=1)
    small = ["  totalEnvSteps: 800", "  totalEnvSteps: 3000"]
    (machine.folder / "pendulum.yaml").write_text(
        SWEEP.replace(*small).replace("trials: 8", "trials: 2\nsearch: optuna").partition("asha")[0]
    )
    sweep = machine.start("tune", "pendulum.yaml")
    for line in sweep.stdout:
        if json.loads(line)["envSteps"] >= 400:
            break
    sweep.send_signal(signal.SIGINT)
    told = [json.loads(line) for line in sweep.stdout][-1]["trials"]
    assert sweep.wait() == 130
    assert {trial["status"] for trial in told} <= {"interrupted", "completed", "pending"}
    # Nobody trains on behind its back: what was interrupted is saved.
    assert machine.keepers() == set()
    (refused,) = machine.run("tune", "pendulum.yaml", code=2)
    assert "holds a sweep already" in refused["message"]

    done = machine.event("sweep", "tune", "pendulum.yaml", "--resume")["trials"]
    assert [(trial["status"], trial["envSteps"]) for trial in done] == [("completed", 3000)] * 2
    folder = machine.folder / "runs" / "pendulum"
    lines = [(folder / trial["trial"] / "events.jsonl").read_text() for trial in done]
    assert any('"type":"resume"' in text for text in lines)


def test_one_run_is_refused_resumed_and_its_faults_are_told(machine):
    machine = machine(nodes=1)
    tiny = ["--hidden", "16,16", "--batch-size", "16", "--learning-starts", "100", "--eval-episodes", "1"]
    train = ["train", "--out", "run", "--env", "Pendulum-v1", "--eval-every", "200", *tiny]
    result = machine.event("result", *train, "--steps", "400")
    assert (result["status"], result["envSteps"]) == ("completed", 400)
    assert result["runFolder"] == str(machine.folder / "run")
    (refused,) = machine.run(*train, "--steps", "400", code=2)
    assert "holds a run already" in refused["message"]
    more = machine.event("result", "train", "--resume", "run", "--steps", "600")
    assert (more["status"], more["envSteps"]) == ("completed", 600)
    fault = machine.event("error", "train", "--out", "other", "--env", "NoSuchEnv-v0", "--failures", "0", code=2)
    assert "UNKNOWN_ENV" in fault["message"]


def test_a_trainer_whose_raylet_is_killed_goes_on_from_its_folder_on_another_one(machine):
    # No place on the head: the trainer is on one of the two.
    machine = machine(nodes=2, num_cpus=0)
    machine.connect()
    tiny = ["--hidden", "16,16", "--batch-size", "16", "--learning-starts", "100", "--eval-episodes", "1"]
    train = ["train", "--out", "run", "--env", "Pendulum-v1", "--eval-every", "1000", *tiny, "--steps", "10000"]
    events = machine.events(machine.start(*train))
    assert next(events)["type"] == "evaluation"
    (actor,) = [one for one in ray._private.state.actors().values() if one["State"] == "ALIVE"]
    (victim,) = [node for node in machine.cluster.worker_nodes if node.node_id == actor["Address"]["NodeID"]]
    machine.cluster.remove_node(victim, allow_graceful=False)
    *_, result = events
    assert (result["type"], result["status"], result["envSteps"]) == ("result", "completed", 10000)
    assert '"type":"resume"' in (machine.folder / "run" / "events.jsonl").read_text()

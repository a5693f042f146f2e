"""sweep.yaml: read whole, refused with the key, what was expected and what came."""

from __future__ import annotations

import pytest

from gymwire.errors import GymwireError
from gymwire.ray.sweep import Asha, Space, read_sweep
from gymwire.ray.train_options import flags_of

WHOLE = """
env: HalfCheetah-v5
name: cheetah
out: ../runs
options:
  totalEnvSteps: 3e5
  hiddenSizes: [256, 256]
  normalizeObservations: true
  seed: {grid: [0, 1]}
  actorLearningRate: {loguniform: [1e-4, 1e-3]}
  batchSize: {choice: [128, 256]}
  policyDelay: {integers: [1, 4]}
  envArguments: {ctrl_cost_weight: {uniform: [0.05, 0.2]}, exclude_current_positions_from_observation: false}
trials: 8
searchSeed: 7
asha: {grace: 30000}
concurrent: 4
fleet: sims
hosts: 2
cpus: 0.5
failures: 0
arguments: ["--learner", "tfjs"]
"""


def read(tmp_path, text):
    path = tmp_path / "sweep.yaml"
    path.write_text(text)
    return read_sweep(path)


def test_all_that_it_may_say(tmp_path):
    sweep = read(tmp_path, WHOLE)
    assert (sweep.env, sweep.name, sweep.out) == ("HalfCheetah-v5", "cheetah", tmp_path.parent / "runs")
    assert sweep.options["actorLearningRate"] == Space("loguniform", (1e-4, 1e-3))
    assert sweep.options["envArguments"]["ctrl_cost_weight"] == Space("uniform", (0.05, 0.2))
    assert (sweep.asha, sweep.arguments, sweep.fleet) == (Asha(30000, 3), ("--learner", "tfjs"), "sims")


def test_what_it_need_not_say(tmp_path):
    sweep = read(tmp_path, "env: Pendulum-v1")
    assert (sweep.name, sweep.out, sweep.trials, sweep.search) == ("sweep", tmp_path / "runs", 1, "random")
    assert (sweep.fleet, sweep.asha, sweep.concurrent) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- env", "expected a mapping of keys, got"),
        ("{}", "env: expected a text, got None"),
        ("env: a\nenv: b", "env is given twice"),
        ("env: a\ntrails: 8", "unknown key trails: did you mean trials?"),
        ("env: a\noptions: {actorLearningrate: 1}", "options: unknown key actorLearningrate: did you mean actorL"),
        ("env: a\noptions: {envId: b}", "options: unknown key envId"),
        ("env: a\noptions: {gamma: 1.5}", "options.gamma: 1.5 is greater than the maximum of 1"),
        ("env: a\noptions: {seed: {gird: [1]}}", "options.seed: unknown key gird: did you mean grid?"),
        ("env: a\noptions: {seed: {grid: 1}}", "options.seed.grid: expected a list of values, got 1"),
        ("env: a\noptions: {gamma: {uniform: [0.9, 1.5]}}", "options.gamma.uniform: 1.5 is greater"),
        ("env: a\noptions: {gamma: {uniform: [0.9]}}", "expected a list of a low and a high"),
        ("env: a\noptions: {gamma: {uniform: [0.9, 0.8]}}", "expected a low below a high"),
        ("env: a\noptions: {tau: {integers: [0.1, 0.2]}}", "expected two whole numbers"),
        ("env: a\noptions: {explorationNoise: {loguniform: [0, 1]}}", "expected numbers above 0"),
        ("env: a\noptions: {envArguments: {g: {uniform: [a, b]}}}", "options.envArguments.g.uniform: expected two num"),
        ("env: a\ntrials: 0", "trials: expected a whole number of at least 1, got 0"),
        ("env: a\nsearch: bayes", "search: expected one of random, optuna, got 'bayes'"),
        ("env: a\nsearch: optuna\noptions: {seed: {grid: [0, 1]}}", "options.seed: Optuna chooses values itself"),
        ("env: a\nasha: {}", "asha.grace: expected a whole number"),
        ("env: a\nname: a/b", "name: expected the name of a folder"),
        ("env: a\narguments: --learner tfjs", "arguments: expected a list of texts"),
        ("env: [", "expected YAML"),
        ("env: a\noptions: {batchSize: {loguniform: [16, 256]}}", "batchSize is a whole number: integers or choice"),
        ("env: a\noptions: {maxEpisodeSteps: {uniform: [16, 256]}}", "maxEpisodeSteps is a whole number"),
        ("env: a\narguments: [--seed, '3']", "arguments: --seed: say it as seed in options"),
        ("env: a\narguments: [--steps=300]", "arguments: --steps=300: say it as totalEnvSteps in options"),
    ],
)
def test_what_is_refused(tmp_path, text, message):
    with pytest.raises(GymwireError) as fault:
        read(tmp_path, text)
    assert fault.value.code == "INVALID_ARGUMENT"
    assert message in fault.value.message


def test_options_are_flags():
    options = {
        "hiddenSizes": [64, 64],
        "stopAtReturn": -150,
        "normalizeObservations": True,
        "maxEpisodeSteps": None,
        "envArguments": {"g": 9.81, "name": "fast"},
    }
    assert flags_of(options) == [
        *("--hidden=64,64", "--stop-at=-150", "--normalize-observations"),
        *("--env-arg", "g=9.81", "--env-arg", 'name="fast"'),
    ]


def test_a_fault_of_yaml_is_one_line(tmp_path):
    with pytest.raises(GymwireError) as caught:
        read(tmp_path, "env: [\nname: b")
    assert "\n" not in caught.value.message

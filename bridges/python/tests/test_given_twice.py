"""`python -m gymwire` refuses an option given twice: the last value used to win without a word."""

from __future__ import annotations

import argparse

import pytest

from gymwire.__main__ import _parser
from gymwire.once_parser import OnceParser

#: They say more of a `--vector` before them.
OF_A_BATCH = {
    "--autoreset-mode": ["same-step"],
    "--no-final-observations": [],
    "--seeds": ["make"],
    "--num-envs": ["4"],
}


def options_of_serve() -> list[argparse.Action]:
    parser = _parser()
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    actions = commands.choices["serve"]._actions
    once = [action for action in actions if action.option_strings and not isinstance(action, argparse._AppendAction)]
    # Those of one environment of several; test_serving.py has them.
    of_an_env = {"--env", "--id", "--kwarg", "--vector"} | OF_A_BATCH.keys()
    return [action for action in once if action.dest != "help" and of_an_env.isdisjoint(action.option_strings)]


@pytest.mark.parametrize("action", options_of_serve(), ids=lambda action: action.option_strings[0])
def test_each_option_is_refused_a_second_time(action, capsys):
    value = [] if action.nargs == 0 else [str(next(iter(action.choices or ["1"])))]
    once = [action.option_strings[0], *value]
    _parser().parse_args(["serve", *once, "Pendulum-v1"])
    with pytest.raises(SystemExit) as ended:
        _parser().parse_args(["serve", *once, "Pendulum-v1", *once])
    assert ended.value.code == 2
    assert f"argument {action.option_strings[0]}: given twice" in capsys.readouterr().err


@pytest.mark.parametrize("option", OF_A_BATCH)
def test_what_is_said_of_a_batch_simulator_is_said_once_and_of_one(option, capsys):
    said = [option, *OF_A_BATCH[option]]
    flags = _parser().parse_args(["serve", "--vector", "A-v0", *said, "--vector", "B-v0"])
    assert [len(target.batch) for target in flags.env] == [1, 0]
    for line, message in [
        (["--vector", "A-v0", *said, *said], "given twice for A-v0"),
        (["A-v0", *said], "A-v0 is not served with --vector"),
        (said, "comes after the environment that it is about"),
    ]:
        with pytest.raises(SystemExit):
            _parser().parse_args(["serve", *line])
        assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    ["--port 1 --port=2", "--port 1 --po 2", "--cast --no-cast", "--no-cast --cast", "-v -v"],
)
def test_other_spellings_and_a_negation_are_seen_through(line, capsys):
    parser = OnceParser(prog="test")
    parser.add_argument("--port", type=int)
    parser.add_argument("--cast", action="store_true")
    parser.add_argument("--no-cast", dest="cast", action="store_false")
    parser.add_argument("-v", action="store_true")
    with pytest.raises(SystemExit):
        parser.parse_args(line.split())
    assert "given twice" in capsys.readouterr().err


def test_what_collects_may_be_repeated_and_what_is_left_out_has_its_default():
    parser = OnceParser(prog="test")
    parser.add_argument("env", nargs="*")
    parser.add_argument("--module", action="append", default=[])
    parser.add_argument("--insecure", action="store_true")
    parser.add_argument("--port", type=int, default=50051)
    flags = parser.parse_args(["A-v0", "B-v0", "--module", "a", "--module", "b"])
    assert (flags.env, flags.module, flags.insecure, flags.port) == (["A-v0", "B-v0"], ["a", "b"], False, 50051)

"""docs/ray.md: its commands and its sweep are understood, and its tables have every option and key."""

from __future__ import annotations

import re
import shlex

import pytest
from conftest import ROOT

from gymwire.ray.__main__ import _parser, _split
from gymwire.ray.sweep import _KEYS, Space, read_sweep

PAGE = (ROOT / "docs" / "ray.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("gymwire-ray ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command):
    own, _ = _split(shlex.split(command, comments=True)[1:])
    flags, unknown = _parser().parse_known_args(own)
    assert unknown == [] or flags.takes_rest == "flags"


def test_all_commands_are_shown():
    commands = _parser()._subparsers._group_actions[0].choices
    assert {command.split()[1] for command in COMMANDS} | {"tune"} == set(commands)
    assert "`gymwire-ray tune sweep.yaml`" in PAGE


def test_the_sweep_is_one(tmp_path):
    (text,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    path = tmp_path / "sweep.yaml"
    path.write_text(text)
    sweep = read_sweep(path)
    assert sweep.options["actorLearningRate"] == Space("loguniform", (1e-4, 1e-2))


def first_cells(heading):
    """Of the table below a heading, what stands in its first column."""
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    return [row for row in re.findall(r"^\| (.*?) +\|", section, re.MULTILINE) if row.startswith("`")]


@pytest.mark.parametrize(("command", "heading"), [("up", "Env servers on all nodes"), ("train", "One training")])
def test_the_table_has_every_option(command, heading):
    parser = _parser()._subparsers._group_actions[0].choices[command]
    options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    shown = set(re.findall(r"`(--[\w-]+)", " ".join(first_cells(heading))))
    assert shown | {"--address", "--help", "--gymwire"} == options


def test_the_table_has_every_key():
    assert {cell.strip("`") for cell in first_cells("Sweeps")} == set(_KEYS)

"""The scenario tables that both languages' robots play: each command, with its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scenario import ScenarioPlayer, read_tables

FOLDER = Path(__file__).resolve().parents[4] / "test" / "golden" / "robot"
SETTINGS, SCENARIOS = read_tables(FOLDER)


@pytest.mark.parametrize(
    "scenario",
    [scenario for _, scenario in SCENARIOS],
    ids=[f"{family}: {scenario['name']}" for family, scenario in SCENARIOS],
)
def test_scenario(scenario: dict[str, Any]):
    for expected, actual in ScenarioPlayer(scenario, SETTINGS).play():
        assert actual == expected


SAFE = ["safe", 0.5, -0.5]


@pytest.mark.parametrize(
    ("is_true", "row"),
    [
        (True, [20, None, [SAFE]]),
        (False, [21, None, [SAFE]]),
        (False, [20, None, [["safe", 0.5, -0.25]]]),
        (False, [20, None, [["hold", 0.5, -0.5]]]),
        (False, [20, None, []]),
        (False, [20, None, [SAFE], [{"stopped": "x"}]]),
    ],
    ids=["true", "a time", "a number", "a kind", "a command too few", "what is told"],
)
def test_a_table_that_is_false_in_one_thing_is_noticed(is_true: bool, row: list[Any]):
    played = ScenarioPlayer({"table": [row]}, SETTINGS).play()
    assert all(actual == expected for expected, actual in played) is is_true


def test_tables_that_are_missing_are_a_fault(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"index\.json"):
        read_tables(tmp_path)

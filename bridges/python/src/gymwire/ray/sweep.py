"""`sweep.yaml`: what `gymwire-ray tune` tries. Read and checked as a whole before anything starts. See docs/ray.md."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gymwire.errors import GymwireError
from gymwire.ray.train_options import check_keys, check_option, is_whole_number, option_names, option_of
from gymwire.ray.yaml_file import read_yaml

#: How a value is drawn, and how many numbers say so; None: as many as there are.
_SPACES: Mapping[str, int | None] = {"grid": None, "choice": None, "uniform": 2, "loguniform": 2, "integers": 2}
_REAL = ("uniform", "loguniform")
_SEARCHES = ("random", "optuna")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Space:
    """Where an option's values come from."""

    kind: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Asha:
    """Async successive halving: stops the trials that are behind at 1, r, r², … times the grace."""

    #: Environment steps that every trial has.
    grace: int
    #: r. One trial of so many goes on.
    reduction: int = 3


@dataclass(frozen=True)
class Sweep:
    """One sweep, with every default filled in."""

    env: str
    name: str
    out: Path
    #: Values, and spaces that values are drawn from; those of `envArguments` by their own names.
    options: Mapping[str, Any]
    search: Literal["random", "optuna"] = "random"
    #: Draws; each with every combination of the grids.
    trials: int = 1
    search_seed: int = 0
    asha: Asha | None = None
    #: Trials at a time; None: as many as Ray has room for.
    concurrent: int | None = None
    #: The fleet that trials train on; None: each on a server of its own, with the built-in environments.
    fleet: str | None = None
    #: Hosts that each trial asks the fleet for.
    hosts: int = 1
    cpus: float = 1.0
    #: How often a trial is started again, from its run folder, when its node or its server went away.
    failures: int = 3
    #: More arguments of `gymwire train`.
    arguments: tuple[str, ...] = field(default=())


_KEYS = {
    "env",
    "name",
    "out",
    "options",
    "search",
    "trials",
    "searchSeed",
    "asha",
    "concurrent",
    "fleet",
    "hosts",
    "cpus",
    "failures",
    "arguments",
}


def read_sweep(path: Path) -> Sweep:
    """
    Paths in it are relative to the folder that it lies in.

    :raises GymwireError: INVALID_ARGUMENT, naming the key
    """
    text = read_yaml(path)
    if not isinstance(text, dict):
        raise _fault(str(path), "a mapping of keys", text)
    check_keys(str(path), text, _KEYS)
    options = _options(text.get("options", {}))
    sweep = Sweep(
        env=_text(text, "env"),
        name=_folder_name(text.get("name", path.stem)),
        out=(path.parent / _text(text, "out", "runs")).resolve(),
        options=options,
        search=_one_of(text, "search", _SEARCHES),
        trials=_whole(text, "trials", 1, 1),
        search_seed=_whole(text, "searchSeed", 0, 0),
        asha=_asha(text.get("asha")),
        concurrent=_whole(text, "concurrent", 1, None),
        fleet=None if text.get("fleet") is None else _text(text, "fleet"),
        hosts=_whole(text, "hosts", 1, 1),
        cpus=_number(text, "cpus", 1.0),
        failures=_whole(text, "failures", 0, 3),
        arguments=_arguments(text.get("arguments", [])),
    )
    grids = [name for name, space in _spaces(options) if space.kind == "grid"]
    if sweep.search == "optuna" and grids:
        raise GymwireError(
            "INVALID_ARGUMENT", f"options.{grids[0]}: Optuna chooses values itself: choice instead of grid"
        )
    return sweep


def _options(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _fault("options", "a mapping of the options of training", given)
    # The environment is that of the whole sweep.
    check_keys("options", given, option_names - {"envId"})
    for name, value in given.items():
        if name != "envArguments" and not isinstance(value, dict):
            check_option(f"options.{name}", name, value)
    return {name: _option(name, value) for name, value in given.items()}


def _option(name: str, value: Any) -> Any:
    if name != "envArguments":
        return _space(f"options.{name}", name, value) if isinstance(value, dict) else value
    where = f"options.{name}"
    if not isinstance(value, dict):
        raise _fault(where, "a mapping of arguments", value)
    read: dict[str, Any] = {}
    for key, argument in value.items():
        if isinstance(argument, dict):
            read[str(key)] = _space(f"{where}.{key}", None, argument)
        else:
            check_option(where, name, {key: argument})
            read[str(key)] = argument
    return read


def _space(where: str, option: str | None, given: dict[Any, Any]) -> Space:
    """:param option: whose values its bounds must be; None: numbers of an environment's argument"""
    check_keys(where, given, _SPACES)
    if len(given) != 1:
        raise _fault(where, f"one of {', '.join(_SPACES)}", given)
    ((kind, values),) = given.items()
    count = _SPACES[kind]
    if not isinstance(values, list) or not values or (count is not None and len(values) != count):
        raise _fault(f"{where}.{kind}", "a list of values" if count is None else "a list of a low and a high", values)
    for value in values:
        if option is None:
            check_option(where, "envArguments", {"argument": value})
        else:
            check_option(f"{where}.{kind}", option, value)
    if count is not None:
        _check_range(f"{where}.{kind}", kind, values)
        if option is not None and kind in _REAL:
            _check_fractions(f"{where}.{kind}", option)
    return Space(kind, tuple(values))


def _check_range(where: str, kind: str, values: list[Any]) -> None:
    low, high = values
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        raise _fault(where, "two numbers", values)
    if kind == "integers" and not all(isinstance(value, int) for value in values):
        raise _fault(where, "two whole numbers", values)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise _fault(where, "a low below a high", values)
    if kind == "loguniform" and low <= 0:
        raise _fault(where, "numbers above 0", values)


def _check_fractions(where: str, option: str) -> None:
    """Nearly all that a real-valued space draws has a fraction."""
    if is_whole_number(option):
        raise GymwireError("INVALID_ARGUMENT", f"{where}: {option} is a whole number: integers or choice instead")


def is_fixed(value: Any) -> bool:
    """Whether an option's value is the same in every trial."""
    parts = value.values() if isinstance(value, dict) else [value]
    return not any(isinstance(part, Space) for part in parts)


def _spaces(options: Mapping[str, Any]) -> list[tuple[str, Space]]:
    arguments = options.get("envArguments", {})
    every = [*options.items(), *((f"envArguments.{name}", value) for name, value in arguments.items())]
    return [(name, value) for name, value in every if isinstance(value, Space)]


def _asha(given: Any) -> Asha | None:
    if given is None:
        return None
    if not isinstance(given, dict):
        raise _fault("asha", "a mapping with grace, the steps that every trial has", given)
    check_keys("asha", given, ("grace", "reduction"))
    return Asha(_whole(given, "grace", 1, ..., "asha."), _whole(given, "reduction", 2, 3, "asha."))


def _text(given: Mapping[Any, Any], key: str, default: str | None = None) -> str:
    value = given.get(key, default)
    if not isinstance(value, str) or not value:
        raise _fault(key, "a text", value)
    return value


def _folder_name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _fault("name", "the name of a folder: letters, digits, . _ and -", value)
    return value


def _one_of(given: Mapping[Any, Any], key: str, values: tuple[str, ...]) -> Any:
    value = given.get(key, values[0])
    if value not in values:
        raise _fault(key, f"one of {', '.join(values)}", value)
    return value


def _whole(given: Mapping[Any, Any], key: str, low: int, default: Any, prefix: str = "") -> Any:
    """:param default: ... for a key that must be there"""
    value = given.get(key, default)
    if value is None and default is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise _fault(f"{prefix}{key}", f"a whole number of at least {low}", None if value is ... else value)
    return value


def _number(given: Mapping[Any, Any], key: str, default: float) -> float:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise _fault(key, "a number of at least 0", value)
    return float(value)


def _arguments(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise _fault("arguments", 'a list of texts, such as ["--learner", "tfjs"]', given)
    for word in given:
        option = option_of(word)
        if option is not None:
            raise GymwireError("INVALID_ARGUMENT", f"arguments: {word}: say it as {option} in options")
    return tuple(given)


def _fault(where: str, expected: str, got: object) -> GymwireError:
    return GymwireError("INVALID_ARGUMENT", f"{where}: expected {expected}, got {got!r}")

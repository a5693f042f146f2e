"""The options of `gymwire train`, as the TypeScript package's table has them (`npm run generate` writes it here)."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gymwire.errors import GymwireError

_TABLE: Mapping[str, Any] = json.loads(Path(__file__).with_name("train_options.json").read_text("utf-8"))
_FLAGS: Mapping[str, str] = _TABLE["flags"]
_SCHEMAS: Mapping[str, Any] = _TABLE["schema"]["properties"]

#: Of the names in code.
option_names = frozenset(_FLAGS)


def check_keys(where: str, given: Iterable[object], known: Iterable[str]) -> None:
    """Raises GymwireError INVALID_ARGUMENT for a key that is none, with the nearest one that is."""
    known = sorted(known)
    for key in given:
        if key in known:
            continue
        near = difflib.get_close_matches(str(key), known, 1)
        meant = f": did you mean {near[0]}?" if near else f": expected one of {', '.join(known)}"
        raise GymwireError("INVALID_ARGUMENT", f"{where}: unknown key {key}{meant}")


def check_option(where: str, name: str, value: object) -> None:
    """Raises GymwireError INVALID_ARGUMENT for a value that the option does not take."""
    for fault in Draft202012Validator(_SCHEMAS[name]).iter_errors(value):
        at = "".join(f".{part}" for part in fault.path)
        raise GymwireError("INVALID_ARGUMENT", f"{where}{at}: {fault.message}")


def is_whole_number(name: str) -> bool:
    """Whether the option takes no number with a fraction."""
    return "number" not in _types(_SCHEMAS[name]) and "integer" in _types(_SCHEMAS[name])


def _types(schema: Mapping[str, Any]) -> set[str]:
    said = schema.get("type", [])
    own = {said} if isinstance(said, str) else set(said)
    return own.union(*(_types(part) for part in schema.get("anyOf", [])))


def option_of(word: str) -> str | None:
    """The option that a word of the command line sets, `--seed` or `--seed=3`."""
    flag = word.partition("=")[0]
    return next((name for name, own in _FLAGS.items() if own == flag), None)


def flags_of(options: Mapping[str, Any]) -> list[str]:
    """The flags of the command line for options that were checked; null says what not giving it says."""
    words: list[str] = []
    for name, value in options.items():
        flag = _FLAGS[name]
        if name == "envArguments":
            for key, argument in value.items():
                words += [flag, f"{key}={json.dumps(argument)}"]
        elif value is True:
            words.append(flag)
        elif isinstance(value, (list, tuple)):
            words.append(f"{flag}={','.join(map(str, value))}")
        elif value is not None and value is not False:
            # One word: argument parsers take "-150" alone for a flag.
            words.append(f"{flag}={value}")
    return words

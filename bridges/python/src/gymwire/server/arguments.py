"""Keyword arguments: what may come from the wire, and what did → what a factory gets."""

from __future__ import annotations

import inspect
import math
import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gymwire.codec.values import encode_value
from gymwire.errors import GymwireError
from gymwire.v1 import env_service_pb2 as pb

ArgumentType = Literal["bool", "int", "float", "string", "float-list"]

_WIRE_TYPES: Mapping[str, pb.ArgumentType] = {
    "bool": pb.ARGUMENT_TYPE_BOOL,
    "int": pb.ARGUMENT_TYPE_INT,
    "float": pb.ARGUMENT_TYPE_FLOAT,
    "string": pb.ARGUMENT_TYPE_STRING,
    "float-list": pb.ARGUMENT_TYPE_FLOAT_LIST,
}

# Names of arguments that lead to files, code or other machines.
_LEADS_ELSEWHERE = re.compile(
    r"(^|_)(file|filename|path|dir|directory|folder|xml|mjcf|urdf|model|asset|url|uri|host|address|module|"
    r"class|entry|point|script|command|cmd|code|plugin)s?(_|$)"
)


@dataclass(frozen=True)
class ArgumentSpec:
    """
    One keyword argument that clients may set. Nothing that names a file, a module or code comes from the wire: a
    string whose name says so must list its `choices`.
    """

    name: str
    type: ArgumentType
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    #: Strings only: the values allowed.
    choices: Sequence[str] = ()
    #: Float lists only.
    length: int | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if self.type == "string" and not self.choices and _LEADS_ELSEWHERE.search(self.name):
            raise GymwireError(
                "INVALID_ARGUMENT",
                f"argument {self.name}: a string of that name may lead to a file or code, so it must list choices",
                {"argument": self.name},
            )


def arguments_of(make: Callable[..., Any], defaults: Mapping[str, Any]) -> list[ArgumentSpec]:
    """
    The keyword arguments that a factory's signature lists with a default that is a bool, a number or a tuple of
    numbers, or that it declares as a `Literal` of strings. Other strings are left out: they may be paths.

    :param defaults: replace those of the signature
    """
    parameters = signature_of(make)
    found = (
        _argument_of(parameter, defaults.get(parameter.name, parameter.default))
        for parameter in parameters
        if parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}
        and parameter.name not in {"self", "render_mode"}
    )
    return [argument for argument in found if argument is not None]


def signature_of(make: Callable[..., Any]) -> Iterable[inspect.Parameter]:
    for eval_str in (True, False):
        try:
            return inspect.signature(make, eval_str=eval_str).parameters.values()
        except (NameError, TypeError, ValueError, SyntaxError, AttributeError):
            # Annotations that name what is not there, or a callable without a signature.
            continue
    return ()


def _argument_of(parameter: inspect.Parameter, default: Any) -> ArgumentSpec | None:
    name = parameter.name
    plain = default.item() if isinstance(default, np.generic) else default
    if isinstance(plain, bool):
        return ArgumentSpec(name, "bool", plain)
    if isinstance(plain, int) and parameter.annotation is not float:
        return ArgumentSpec(name, "int", plain)
    if isinstance(plain, (int, float)):
        low = -math.inf if plain == -math.inf else None
        high = math.inf if plain == math.inf else None
        return ArgumentSpec(name, "float", float(plain), minimum=low, maximum=high)
    if isinstance(plain, str) and typing.get_origin(parameter.annotation) is Literal:
        choices = typing.get_args(parameter.annotation)
        return ArgumentSpec(name, "string", plain, choices=choices) if all(map(_is_text, choices)) else None
    if isinstance(plain, (tuple, list)) and plain and all(map(_is_number, plain)):
        return ArgumentSpec(
            name,
            "float-list",
            type(plain)(float(item) for item in plain) if type(plain) in {tuple, list} else tuple(plain),
            minimum=-math.inf,
            maximum=math.inf,
            length=len(plain),
        )
    return None


def encode_argument(spec: ArgumentSpec, given: Mapping[str, Any]) -> pb.ArgumentSpec:
    """With the value that was given as default, for a session's own spec."""
    return pb.ArgumentSpec(
        name=spec.name,
        type=_WIRE_TYPES[spec.type],
        default_value=encode_value(given.get(spec.name, spec.default), f"argument {spec.name}"),
        minimum=spec.minimum,
        maximum=spec.maximum,
        choices=spec.choices,
        length=spec.length,
        description=spec.description,
    )


def resolve_arguments(env_id: str, specs: Sequence[ArgumentSpec], given: Mapping[str, Any]) -> dict[str, Any]:
    """
    What the factory gets, of the types that the specs declare; what was not given is left to it.

    Raises GymwireError UNKNOWN_ARGUMENT for a name that is not listed, INVALID_ARGUMENT for a wrong type or range.
    """
    by_name = {spec.name: spec for spec in specs}
    for name in given:
        if name not in by_name:
            known = ", ".join(by_name) or "none"
            raise GymwireError(
                "UNKNOWN_ARGUMENT", f"{env_id} has no argument {name}; it takes: {known}", {"argument": name}
            )
    return {name: _coerce(by_name[name], value) for name, value in given.items()}


def _coerce(spec: ArgumentSpec, value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    if spec.type == "bool":
        if isinstance(plain, bool):
            return plain
    elif spec.type in {"int", "float"}:
        return _coerce_number(spec, spec.type, plain)
    elif spec.type == "string":
        if isinstance(plain, str) and (not spec.choices or plain in spec.choices):
            return plain
    elif isinstance(plain, (tuple, list)) and spec.length in {None, len(plain)}:
        numbers = [_coerce_number(spec, "float", item) for item in plain]
        return numbers if isinstance(spec.default, list) else tuple(numbers)
    raise _invalid(spec, value)


def _coerce_number(spec: ArgumentSpec, kind: str, value: Any) -> int | float:
    """An int serves as a float, as in Python; a float never as an int. Infinite only where a bound says so."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, bool) or not isinstance(plain, int if kind == "int" else (int, float)):
        raise _invalid(spec, value)
    largest = float(np.finfo(np.float64).max)
    low = -largest if spec.minimum is None else spec.minimum
    high = largest if spec.maximum is None else spec.maximum
    if not low <= plain <= high:
        raise _invalid(spec, value)
    return int(plain) if kind == "int" else float(plain)


def _invalid(spec: ArgumentSpec, value: Any) -> GymwireError:
    has_range = spec.minimum is not None or spec.maximum is not None
    low = "-inf" if spec.minimum is None else spec.minimum
    high = "inf" if spec.maximum is None else spec.maximum
    length = "" if spec.length is None else f" of length {spec.length}"
    choices = f" out of {', '.join(spec.choices)}" if spec.choices else ""
    expected = f"{spec.type}{length}{f' in [{low}, {high}]' if has_range else ''}{choices}"
    got = "nothing" if value is None else f"the {type(value).__name__} {value!r}"
    return GymwireError(
        "INVALID_ARGUMENT", f"argument {spec.name}: expected {expected}, got {got}", {"argument": spec.name}
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)

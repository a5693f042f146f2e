"""Of two values for one option argparse takes the last, without a word. Here the second one is an error."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

_GIVEN = "_given"


class OnceParser(argparse.ArgumentParser):
    """
    An ArgumentParser that refuses an option given twice, with exit code 2; also in its subparsers, and a flag together
    with its negation. Options with the action "append" are there to be repeated.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, action in ((None, _Store), ("store", _Store), ("store_true", _True), ("store_false", _False)):
            self.register("action", name, action)


class _Store(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        given: set[str] = vars(namespace).setdefault(_GIVEN, set())
        # Positional arguments have no option string, and are taken once anyway.
        if option_string is not None and self.dest in given:
            raise argparse.ArgumentError(self, "given twice")
        given.add(self.dest)
        setattr(namespace, self.dest, self.value_of(values))

    def value_of(self, values: Any) -> Any:
        return values


class _Flag(_Store):
    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        options = {"default": not self.const_value, **options}
        super().__init__(option_strings, dest, nargs=0, **options)

    const_value = True

    def value_of(self, values: Any) -> bool:
        del values
        return self.const_value


class _True(_Flag):
    const_value = True


class _False(_Flag):
    const_value = False

"""Environments on the command line: each is named, and options after it say more of it."""

from __future__ import annotations

import argparse
import ast
from typing import Any

from gymwire.server.served_env import Target


class AddEnv(argparse.Action):
    """Of the arguments and of --env, in the order in which they are given."""

    is_batch = False

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        texts = [values] if isinstance(values, str) else values
        targets = [Target(text, is_batch=self.is_batch) for text in texts]
        namespace.env = [*(getattr(namespace, "env", None) or []), *targets]


class AddVector(AddEnv):
    is_batch = True


class _OfTheLast(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        envs = getattr(namespace, "env", None)
        if not envs:
            parser.error(f"{option_string}: comes after the environment that it is about")
        self.apply(parser, envs[-1], values)

    def apply(self, parser: argparse.ArgumentParser, target: Target, value: Any) -> None:
        raise NotImplementedError


class SetId(_OfTheLast):
    def apply(self, parser: argparse.ArgumentParser, target: Target, value: str) -> None:
        if target.env_id is not None:
            parser.error(f"--id: {target.text} has the id {target.env_id} already")
        target.env_id = value


class AddKwarg(_OfTheLast):
    def apply(self, parser: argparse.ArgumentParser, target: Target, value: str) -> None:
        name, equals, text = value.partition("=")
        if not equals or not name.isidentifier():
            parser.error(f"--kwarg: expected NAME=VALUE, got {value}")
        if name in target.kwargs:
            parser.error(f"--kwarg: {name} is given twice for {target.text}")
        target.kwargs[name] = _literal(text)


class SayOfBatch(_OfTheLast):
    """Says something of a batch simulator: the field of its registration that is the option's `dest`."""

    def apply(self, parser: argparse.ArgumentParser, target: Target, value: Any) -> None:
        name = self.option_strings[0]
        if not target.is_batch:
            parser.error(f"{name}: {target.text} is not served with --vector")
        if self.dest in target.batch:
            parser.error(f"{name}: given twice for {target.text}")
        target.batch[self.dest] = self.const if self.nargs == 0 else value


def _literal(text: str) -> Any:
    """What is no literal of Python's is text: reach-v3, /a/file.xml."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text

"""YAML as people expect it: a key that is given twice is an error, and 1e-4 is a number, as in YAML 1.2."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from gymwire.errors import GymwireError


class _Loader(yaml.SafeLoader):
    """PyYAML keeps to YAML 1.1, where 1e-4 is a text, and of two equal keys takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(problem=f"{key} is given twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))


def read_yaml(path: Path) -> Any:
    """Raises GymwireError INVALID_ARGUMENT, with the line."""
    try:
        return yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 -- it is a SafeLoader
    except OSError as error:
        raise GymwireError("INVALID_ARGUMENT", f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise GymwireError("INVALID_ARGUMENT", f"{path}: expected YAML: {' '.join(str(error).split())}") from error

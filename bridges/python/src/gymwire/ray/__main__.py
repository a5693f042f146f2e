"""`gymwire-ray up`, `addresses`, `down`, `train`, `tune`: reads arguments, calls, prints."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gymwire.errors import GymwireError
from gymwire.once_parser import OnceParser
from gymwire.ray.output import Output
from gymwire.ray.plan import FleetPlan, ServerKind, command_or_fault, find_command
from gymwire.version import PACKAGE_VERSION

# As the gymwire command's.
_EXIT_CODES = {"INVALID_ARGUMENT": 2, "UNKNOWN_ENV": 2, "SERVER_UNAVAILABLE": 3, "UNAUTHENTICATED": 3}
_INTERRUPTED = 130
_NEEDED = ("ray", "cryptography", "yaml", "jsonschema")
_FLEET = "default"
_FOLDER = "gymwire-fleet"
_OWN_FOLDER = f"{_FOLDER}, with --name {_FOLDER}-NAME"


def main(arguments: Sequence[str] | None = None) -> int:
    own, rest = _split(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    flags, unknown = parser.parse_known_args(own)
    flags.rest = [*unknown, *rest]
    if flags.rest and not flags.takes_rest:
        parser.error(f"unrecognized arguments: {' '.join(flags.rest)}")
    if unknown and flags.takes_rest == "--":
        parser.error(f"unrecognized arguments: {' '.join(unknown)} (what is for `serve` stands behind --)")
    output = Output(flags.json)
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    try:
        if missing:
            raise GymwireError("INVALID_ARGUMENT", f'no {missing[0]} here: pip install "gymwire[ray]"')
        run: Callable[[argparse.Namespace, Output], int] = flags.run
        return run(flags, output)
    except GymwireError as error:
        output.error(error.code, error.message)
        return _EXIT_CODES.get(error.code, 1)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    words = list(arguments)
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


# Ray takes seconds to load: the commands load it, not --help.


def _up(flags: argparse.Namespace, output: Output) -> int:
    from gymwire.ray import fleet_commands
    from gymwire.ray.cluster import connect

    command = find_command(flags.gymwire)
    kind: ServerKind = flags.serve_with or _kind(flags.env, command is not None)
    if kind == "typescript" and command is None:
        raise GymwireError("INVALID_ARGUMENT", "--serve-with typescript: no `gymwire` command here; see --gymwire")
    if flags.hosts is not None and (flags.min is not None or flags.max is not None):
        raise GymwireError("INVALID_ARGUMENT", "--hosts: is both --min and --max; give it, or those")
    minimum = flags.hosts or flags.min or 1
    plan = FleetPlan(
        name=flags.name,
        envs=tuple(flags.env),
        minimum=minimum,
        maximum=flags.hosts or flags.max or minimum,
        kind=kind,
        command=command or (),
        arguments=tuple(flags.rest),
        cpus=flags.cpus,
        idle_s=flags.idle_s,
    )
    connect(flags.address)
    fleet_commands.up(plan, _folder(flags), output)
    return 0


def _kind(envs: Sequence[str], has_command: bool) -> ServerKind:
    """Modules and other names are Python's affair; whether an id is built in, the TypeScript server knows."""
    return "typescript" if has_command and not any(set(env) & set(":=") for env in envs) else "python"


def _addresses(flags: argparse.Namespace, output: Output) -> int:
    from gymwire.ray import fleet_commands
    from gymwire.ray.cluster import connect

    connect(flags.address)
    folder = None if flags.folder is None else Path(flags.folder)
    fleet_commands.addresses(flags.name, folder, flags.follow, output)
    return 0


def _down(flags: argparse.Namespace, output: Output) -> int:
    from gymwire.ray import fleet_commands
    from gymwire.ray.cluster import connect

    connect(flags.address)
    fleet_commands.down(flags.name, _folder(flags), output)
    return 0


def _folder(flags: argparse.Namespace) -> Path:
    """Each fleet has one of its own."""
    default = _FOLDER if flags.name == _FLEET else f"{_FOLDER}-{flags.name}"
    return Path(flags.folder or default)


def _train(flags: argparse.Namespace, output: Output) -> int:
    from gymwire.ray import train_commands
    from gymwire.ray.cluster import connect

    if (flags.out is None) == (flags.resume is None):
        raise GymwireError("INVALID_ARGUMENT", "give --out for a new run, or --resume for one that was stopped")
    folder = Path(flags.out or flags.resume).resolve()
    trials = train_commands.Trials(
        command_or_fault(flags.gymwire), flags.fleet, flags.hosts, flags.cpus, flags.failures
    )
    connect(flags.address)
    return train_commands.train(folder, flags.rest, flags.resume is not None, trials, output)


def _tune(flags: argparse.Namespace, output: Output) -> int:
    from gymwire.ray import train_commands
    from gymwire.ray.cluster import connect
    from gymwire.ray.sweep import read_sweep

    sweep = read_sweep(Path(flags.sweep))
    command = command_or_fault(flags.gymwire)
    connect(flags.address)
    return train_commands.tune_sweep(sweep, flags.resume, command, output)


def _parser() -> argparse.ArgumentParser:
    parser = OnceParser(prog="gymwire-ray", description="Env servers and trainings on a Ray cluster.")
    parser.add_argument("--version", action="version", version=PACKAGE_VERSION)
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_up(_command(commands, "up", _up, "start env servers on the cluster's nodes", takes_rest="--"))
    addresses = _command(commands, "addresses", _addresses, "tell where a fleet's servers are")
    addresses.add_argument("--folder", help="also write servers, token and ca.pem to this folder")
    addresses.add_argument("--follow", action="store_true", help="go on, and tell again when they change")
    down = _command(commands, "down", _down, "end a fleet")
    down.add_argument("--folder", help=f"delete what `up` wrote to this folder ({_OWN_FOLDER})")
    for command in (addresses, down):
        command.add_argument("--name", default=_FLEET, help=f"the fleet ({_FLEET})")
    _add_train(_command(commands, "train", _train, "train one run; all flags of `gymwire train`", takes_rest="flags"))
    sweep = _command(commands, "tune", _tune, "train the trials of a sweep")
    sweep.add_argument("sweep", help="a YAML file: docs/ray.md")
    sweep.add_argument("--resume", action="store_true", help="go on with a sweep that was stopped")
    sweep.add_argument("--gymwire", metavar="COMMAND", help="how the gymwire command is called on the nodes")
    return parser


def _command(
    commands: argparse._SubParsersAction[OnceParser],
    name: str,
    run: Callable[[argparse.Namespace, Output], int],
    text: str,
    takes_rest: str = "",
) -> argparse.ArgumentParser:
    # Without abbreviations: what is no flag of ours may be one of `gymwire train`.
    command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    command.add_argument("--address", help="of the Ray cluster; default: RAY_ADDRESS, or the one on this machine")
    command.set_defaults(run=run, takes_rest=takes_rest)
    return command


def _add_up(command: argparse.ArgumentParser) -> None:
    command.usage = "gymwire-ray up --env ID [--hosts N | --min N --max N] [options] [-- options of serve]"
    command.add_argument("--env", action="append", required=True, help="an environment to serve; repeatable")
    command.add_argument("--hosts", type=_count, help="so many, always")
    command.add_argument("--min", type=_count, help="at least so many (1)")
    command.add_argument("--max", type=_count, help="as many as trainings ask for, up to so many (as --min)")
    command.add_argument("--idle-s", type=float, default=60.0, help="keep hosts that nobody asks for as long (60)")
    command.add_argument("--cpus", type=float, default=1.0, help="CPUs that Ray reserves for each host (1)")
    command.add_argument("--name", default=_FLEET, help=f"the fleet's name ({_FLEET})")
    command.add_argument("--folder", help=f"where servers, token and ca.pem go ({_OWN_FOLDER})")
    command.add_argument(
        "--serve-with",
        choices=["typescript", "python"],
        help="the server; default: TypeScript's where there is a gymwire command and --env is a plain id",
    )
    command.add_argument("--gymwire", metavar="COMMAND", help="how the gymwire command is called on the nodes")


def _add_train(command: argparse.ArgumentParser) -> None:
    command.usage = "gymwire-ray train --out FOLDER [options] [options of gymwire train]"
    command.add_argument("--out", help="the run's folder, which all nodes must see")
    command.add_argument("--resume", help="go on with the run in this folder")
    command.add_argument(
        "--fleet", nargs="?", const=_FLEET, help=f"train on a fleet ({_FLEET}); else on its own server"
    )
    command.add_argument("--hosts", type=_count, help="hosts to ask the fleet for; default: as many as it may have")
    command.add_argument("--cpus", type=float, default=1.0, help="CPUs that Ray reserves for the trainer (1)")
    command.add_argument("--failures", type=int, default=3, help="how often it is started again when its node dies (3)")
    command.add_argument("--gymwire", metavar="COMMAND", help="how the gymwire command is called on the nodes")


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text}")
    return count


if __name__ == "__main__":
    sys.exit(main())

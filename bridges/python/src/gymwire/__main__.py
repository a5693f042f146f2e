"""`python -m gymwire serve HalfCheetah-v5`, `python -m gymwire sessions`: reads arguments, calls, prints."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gymwire.env_flags import AddEnv, AddKwarg, AddVector, SayOfBatch, SetId
from gymwire.errors import GymwireError
from gymwire.once_parser import OnceParser
from gymwire.server.operator_client import (
    OperatorClient,
    fields_of,
    is_listening,
    line_of,
    servers_of_this_user,
    token_for,
)
from gymwire.server.operator_file import KnownServer, remove_operator_file, write_operator_file
from gymwire.server.options import ServerOptions
from gymwire.server.serve import Served, serve
from gymwire.server.served_env import Target, registration_for
from gymwire.server.server import EnvServer
from gymwire.trusted_file import read_authorities
from gymwire.version import PACKAGE_VERSION

# As the gymwire command's: 1 a fault of this program, 2 wrong usage, 3 the address.
_EXIT_CODES = {"INVALID_ARGUMENT": 2, "UNKNOWN_ENV": 2, "SERVER_UNAVAILABLE": 3, "UNAUTHENTICATED": 3}

_COMMANDS_OF_NODE = frozenset({"train", "eval", "export", "verify", "run", "envs", "conformance", "demo"})


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    _refuse_others(parser, sys.argv[1:] if arguments is None else arguments)
    flags, rest = parser.parse_known_args(arguments)
    if rest:
        more = " (environments behind an option are named with --env)" if not rest[0].startswith("-") else ""
        parser.error(f"unrecognized arguments: {' '.join(rest)}{more}")
    try:
        flags.run(flags)
    except GymwireError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return _EXIT_CODES.get(error.code, 1)
    return 0


def _refuse_others(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Commands that the package for Node has, and this one has not."""
    command = next((argument for argument in arguments if not argument.startswith("-")), None)
    if command not in _COMMANDS_OF_NODE:
        return
    example = "--help"
    if command == "train":
        example = "--env Pendulum-v1 --server 127.0.0.1:50051, while python -m gymwire serve Pendulum-v1 runs"
    parser.error(f"{command} is a command of gymwire for Node, not of Python's: npx gymwire {command} {example}")


def _serve(flags: argparse.Namespace) -> None:
    logging.basicConfig(level=flags.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = {
        name: value
        for name, value in vars(flags).items()
        if name in ServerOptions.__dataclass_fields__ and value is not None
    }
    own_token = None if flags.operator_token_file else secrets.token_urlsafe(32)
    file: Path | None = None

    def say(server: EnvServer) -> None:
        nonlocal file
        if own_token is not None:
            try:
                known = KnownServer(server.address, own_token, flags.tls_cert is not None)
                file = write_operator_file(known)
            except OSError as error:
                print(f"no `gymwire sessions` for this server: {error}", file=sys.stderr)  # noqa: T201
        if flags.json:
            envs = server.env_ids
            fields = {"address": server.address, "host": server.host, "port": server.port, "envs": envs}
            print(json.dumps({"type": "listening", **fields}), flush=True)  # noqa: T201
        else:
            print(f"serving on {server.address} (Ctrl-C stops)", flush=True)  # noqa: T201
            print(", ".join(server.env_ids), flush=True)  # noqa: T201

    try:
        serve(_served(flags), conformance=flags.conformance, on_listening=say, operator_token=own_token, **options)
    finally:
        if file is not None and own_token is not None:
            remove_operator_file(file, own_token)


def _distinct(targets: Sequence[Target]) -> Sequence[Target]:
    """Raises GymwireError INVALID_ARGUMENT for two under one id."""
    ids = [target.env_id or target.text.rpartition(":")[2] for target in targets]
    for env_id in ids:
        if ids.count(env_id) > 1:
            raise GymwireError("INVALID_ARGUMENT", f"{env_id} is given twice: serve one of them as --id Other-v0")
    return targets


def _sessions(flags: argparse.Namespace) -> None:
    ca = None if flags.ca is None else read_authorities("ca", flags.ca)
    if flags.server is not None:
        token = token_for(flags.server, flags.operator_token_file)
        # What this user's own files know is on this machine, which nothing leaves, whatever its address is.
        is_here = flags.operator_token_file is None
        _ask(flags, KnownServer(flags.server, token), ca, insecure=flags.insecure or is_here)
        return
    known = list(servers_of_this_user())
    servers = [server for server in known if is_listening(server.address)]
    if len(servers) < len(known):
        gone = len(known) - len(servers)
        print(f"{gone} that ended without a word (killed?) are left out", file=sys.stderr)  # noqa: T201
    if flags.end is not None:
        _end_somewhere(flags, servers, ca)
        return
    if not servers and not flags.json:
        print("no server that you started runs on this machine", flush=True)  # noqa: T201
    faults = 0
    for server in servers:
        try:
            _ask(flags, server, _authority(server, ca), insecure=True)
        except GymwireError as error:
            print(f"not reached: {error}", file=sys.stderr)  # noqa: T201
            faults += 1
    if faults:
        raise GymwireError("SERVER_UNAVAILABLE", f"{faults} of {len(servers)} servers were not reached")


def _end_somewhere(flags: argparse.Namespace, servers: Sequence[KnownServer], ca: bytes | None) -> None:
    """A handle is one session's, on whatever server it is."""
    for server in servers:
        try:
            client = OperatorClient(server.address, server.token, _authority(server, ca), insecure=True)
        except GymwireError as error:
            print(f"not reached: {error}", file=sys.stderr)  # noqa: T201
            continue
        try:
            if any(session.handle == flags.end for session in client.list_sessions().sessions):
                _show_sessions(flags, client)
                return
        except GymwireError as error:
            print(f"not reached: {error}", file=sys.stderr)  # noqa: T201
        finally:
            client.close()
    where = f"the {len(servers)} servers that you run on this machine"
    raise GymwireError("SESSION_GONE", f"no session {flags.end!r} at {where}")


def _authority(server: KnownServer, ca: bytes | None) -> bytes | None:
    if server.tls and ca is None:
        raise GymwireError("TLS_FAILED", f"{server.address} speaks TLS: say with --ca who signed its certificate")
    return ca if server.tls else None


def _ask(flags: argparse.Namespace, known: KnownServer, ca: bytes | None, *, insecure: bool) -> None:
    client = OperatorClient(known.address, known.token, ca, insecure=insecure)
    try:
        _show_sessions(flags, client)
    finally:
        client.close()


def _show_sessions(flags: argparse.Namespace, client: OperatorClient) -> None:
    if flags.end is not None:
        ended = client.end_session(flags.end)
        event = {"type": "ended", "server": client.address, "session": fields_of(ended)}
        print(json.dumps(event) if flags.json else f"ended {line_of(ended)}", flush=True)  # noqa: T201
        return
    found = client.list_sessions()
    if flags.json:
        sessions = [fields_of(session) for session in found.sessions]
        shown = {"type": "sessions", "server": client.address, "sessions": sessions, "max_sessions": found.max_sessions}
        print(json.dumps(shown), flush=True)  # noqa: T201
        return
    print(f"{client.address}: {len(found.sessions)} of {found.max_sessions} sessions", flush=True)  # noqa: T201
    for session in found.sessions:
        print(f"  {line_of(session)}", flush=True)  # noqa: T201


def _served(flags: argparse.Namespace) -> Served:
    """Raises GymwireError UNKNOWN_ENV or INVALID_ARGUMENT."""
    listed = {"methods": flags.method, "attributes": flags.attribute}
    registrations = map(registration_for, _distinct(flags.env))
    return {env_id: dataclasses.replace(one, **listed) for env_id, one in registrations}


def _parser() -> argparse.ArgumentParser:
    parser = OnceParser(prog="python -m gymwire", description="Gym over the wire, for Python.")
    parser.add_argument("--version", action="version", version=PACKAGE_VERSION)
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("serve", help="serve Gymnasium environments until Ctrl-C")
    what = "a Gymnasium id (HalfCheetah-v5, module:Env-v0), or module:function; with ID= before it, under that id"
    command.add_argument("env", nargs="*", action=AddEnv, default=[], help=what)
    command.add_argument("--env", action=AddEnv, default=argparse.SUPPRESS, help="as without --env; repeatable")
    command.add_argument("--id", action=SetId, default=argparse.SUPPRESS, help="serve the one before under this id")
    command.add_argument(
        "--kwarg",
        action=AddKwarg,
        default=argparse.SUPPRESS,
        metavar="NAME=VALUE",
        help="an argument of the one before, as Python writes it or as text; repeatable",
    )
    what = "as --env, of what steps all environments of a session at once (gymnasium.make_vec, EnvPool); repeatable"
    command.add_argument("--vector", action=AddVector, default=argparse.SUPPRESS, metavar="ENV", help=what)
    said: dict[str, Any] = {"action": SayOfBatch, "default": argparse.SUPPRESS}
    command.add_argument(
        "--autoreset-mode",
        dest="autoreset_modes",
        type=lambda mode: (mode,),
        metavar="MODE",
        help="when the --vector before resets what ended: disabled, next-step, same-step; default: what it says",
        **said,
    )
    command.add_argument(
        "--no-final-observations",
        dest="final_observations",
        nargs=0,
        const=False,
        help="the --vector before, in same-step, does not tell the last observations of episodes",
        **said,
    )
    command.add_argument(
        "--seeds",
        choices=["reset", "make", "none"],
        help="where the --vector before takes seeds (reset; EnvPool: make)",
        **said,
    )
    command.add_argument(
        "--num-envs",
        type=int,
        metavar="NUMBER",
        help="the only number of environments that the --vector before can be made of",
        **said,
    )
    command.add_argument("--method", action="append", default=[], help="clients may call this method of each env")
    command.add_argument("--attribute", action="append", default=[], help="clients may read this attribute of each env")
    command.add_argument("--conformance", action="store_true", help="serve gymwire/Conformance-v0 as well")
    command.add_argument(
        "--host", help="address to listen on (127.0.0.1), or unix:/path; others need a token, TLS or --insecure"
    )
    command.add_argument("--port", type=int, help="port (50051); 0 picks a free one")
    command.add_argument("--token-file", help="file with the bearer token that clients must send")
    command.add_argument("--operator-token-file", help="file with the operator's token; default: one of its own")
    command.add_argument("--tls-cert", help="PEM file of the server's certificate chain")
    command.add_argument("--tls-key", help="PEM file of its private key")
    command.add_argument("--tls-client-ca", help="PEM file of the authorities of clients' certificates (mutual TLS)")
    command.add_argument(
        "--strict-info",
        action="store_true",
        help="a step whose info holds what cannot travel fails; else that is left out",
    )
    command.add_argument(
        "--cast-observations",
        action="store_true",
        help="cast observations to the dtypes of their spaces, also where digits are lost",
    )
    command.add_argument("--insecure", action="store_true", help="serve --host without encryption or authentication")
    command.add_argument("--max-sessions", type=int, help="sessions at a time (64)")
    command.add_argument(
        "--capacity", type=int, help="environments to step at a time: its share of a fleet (the cores)"
    )
    what = "processes that a vector session's environments are spread over (1)"
    command.add_argument("--workers", type=int, help=what)
    command.add_argument("--max-connections", type=int, help="connections at a time (1000)")
    command.add_argument("--idle-timeout-ms", type=int, help="close a session that nobody uses after this long")
    command.add_argument("--make-timeout-ms", type=int, help="kill a simulator whose making takes longer (120000)")
    command.add_argument("--first-step-timeout-ms", type=int, help="as below, of a session's first step (120000)")
    command.add_argument("--step-timeout-ms", type=int, help="kill a simulator whose step takes longer (30000)")
    command.add_argument("--reset-timeout-ms", type=int, help="kill a simulator whose reset takes longer (120000)")
    command.add_argument("--close-timeout-ms", type=int, help="kill a simulator whose closing takes longer (5000)")
    command.add_argument("--drain-timeout-ms", type=int, help="how long sessions may go on after a signal (5000)")
    command.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error", "critical"])
    command.set_defaults(run=_serve)
    sessions = commands.add_parser("sessions", help="show the sessions of servers, or end one")
    sessions.add_argument(
        "--server", help="host:port or unix:/path; default: those that this user started on this machine"
    )
    sessions.add_argument("--operator-token-file", help="file with that server's operator token")
    sessions.add_argument("--ca", help="PEM file of the authority of the server's certificate")
    sessions.add_argument(
        "--insecure",
        action="store_true",
        help="show the token to another machine without TLS: the network itself is trusted",
    )
    sessions.add_argument("--end", metavar="HANDLE", help="end this session")
    sessions.set_defaults(run=_sessions)
    return parser


if __name__ == "__main__":
    sys.exit(main())

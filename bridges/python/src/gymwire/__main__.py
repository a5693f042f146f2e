"""`python -m gymwire serve HalfCheetah-v5`: reads arguments, calls `serve`, prints."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence

from gymwire.errors import GymwireError
from gymwire.once_parser import OnceParser
from gymwire.server.options import ServerOptions
from gymwire.server.serve import serve
from gymwire.server.server import EnvServer
from gymwire.version import PACKAGE_VERSION

# As the gymwire command's: 1 a fault of this program, 2 wrong usage, 3 the address.
_EXIT_CODES = {"INVALID_ARGUMENT": 2, "UNKNOWN_ENV": 2, "SERVER_UNAVAILABLE": 3}


def main(arguments: Sequence[str] | None = None) -> int:
    flags = _parser().parse_args(arguments)
    logging.basicConfig(level=flags.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    options = {
        name: value
        for name, value in vars(flags).items()
        if name in ServerOptions.__dataclass_fields__ and value is not None
    }

    def say(server: EnvServer) -> None:
        if flags.json:
            envs = server.env_ids
            fields = {"address": server.address, "host": server.host, "port": server.port, "envs": envs}
            print(json.dumps({"type": "listening", **fields}), flush=True)  # noqa: T201
        else:
            print(f"serving on {server.address} (Ctrl-C stops)", flush=True)  # noqa: T201
            print(", ".join(server.env_ids), flush=True)  # noqa: T201

    try:
        serve(flags.env, conformance=flags.conformance, on_listening=say, **options)
    except GymwireError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return _EXIT_CODES.get(error.code, 1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = OnceParser(prog="python -m gymwire", description="Gym over the wire, for Python.")
    parser.add_argument("--version", action="version", version=PACKAGE_VERSION)
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("serve", help="serve Gymnasium environments until Ctrl-C")
    command.add_argument("env", nargs="*", help="an id such as HalfCheetah-v5, or module:Env-v0")
    command.add_argument("--conformance", action="store_true", help="serve gymwire/Conformance-v0 as well")
    command.add_argument("--host", help="address to listen on (127.0.0.1); another needs a token, TLS or --insecure")
    command.add_argument("--port", type=int, help="port (50051); 0 picks a free one")
    command.add_argument("--token-file", help="file with the bearer token that clients must send")
    command.add_argument("--tls-cert", help="PEM file of the server's certificate chain")
    command.add_argument("--tls-key", help="PEM file of its private key")
    command.add_argument("--tls-client-ca", help="PEM file of the authorities of clients' certificates (mutual TLS)")
    command.add_argument("--insecure", action="store_true", help="serve --host without encryption or authentication")
    command.add_argument("--max-sessions", type=int, help="sessions at a time (64)")
    command.add_argument("--max-connections", type=int, help="connections at a time (1000)")
    command.add_argument("--idle-timeout-ms", type=int, help="close a session that nobody uses after this long")
    command.add_argument("--step-timeout-ms", type=int, help="kill a simulator whose step takes longer (30000)")
    command.add_argument("--reset-timeout-ms", type=int, help="kill a simulator whose reset takes longer (120000)")
    command.add_argument("--drain-timeout-ms", type=int, help="how long sessions may go on after a signal (5000)")
    command.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error", "critical"])
    return parser


if __name__ == "__main__":
    sys.exit(main())

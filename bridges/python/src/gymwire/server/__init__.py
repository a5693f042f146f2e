"""A gymwire server on grpc.aio; each session's environments live in a process of their own."""

from __future__ import annotations

import os

# gRPC's core writes straight to stderr what clients send in GOAWAY frames, and a line for every call that it refuses:
# text of strangers, unescaped, as often as they like. What it has to tell the operator comes as an exception as well.
# Whoever sets the variable, to find a fault, has what was asked for.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

"""A token on its way to another machine."""

from __future__ import annotations

from gymwire.errors import GymwireError
from gymwire.server_address import is_loopback_address


def refuse_readable_token(address: str, *, encrypts: bool, insecure: bool) -> None:
    """
    It is shown with every call: on the way to another machine anybody could read it, and use it.

    Raises GymwireError INVALID_ARGUMENT where it would leave this machine without TLS, unless that was asked for.
    """
    if encrypts or insecure or is_loopback_address(address):
        return
    raise GymwireError(
        "INVALID_ARGUMENT",
        f"token: on the way to {address} it could be read: encrypt (ca or tls; --ca on the command line), or say that "
        "the network itself is trusted (insecure=True; --insecure)",
    )

"""Why no handshake came about: one TLS connection of our own tells what gRPC calls "unavailable"."""

from __future__ import annotations

import re
import socket
import ssl
from pathlib import Path

from gymwire.server_address import ServerAddress

_TIMEOUT_S = 5.0

_ASKS = (
    "the server asks for a certificate of this client: give tls_cert and tls_key (signed by one of the server's client "
    "authorities)"
)
_REFUSES = (
    "the server does not accept this client's certificate: it must be signed by one of the server's client authorities"
)


def diagnose_tls(
    address: ServerAddress,
    *,
    encrypts: bool,
    ca: str | Path | None,
    certificate: tuple[str | Path, str | Path] | None,
    server_name: str | None,
) -> str | None:
    """
    What is wrong with the TLS between both sides, for people; None where TLS is not what is wrong.

    :param certificate: this client's, and its key
    """
    if address.host is None or address.port is None:
        return None
    host = address.host
    try:
        with socket.create_connection((host, address.port), _TIMEOUT_S) as line:
            try:
                context = _context(ca, certificate, encrypts=encrypts)
            except (OSError, ValueError) as error:
                # gRPC, which looks for itself, says no more than that it is not connected.
                return f"the files of this client's TLS cannot be used: {error}"
            try:
                with context.wrap_socket(line, server_hostname=server_name or host) as secure:
                    # With TLS 1.3 a client's certificate is refused after the handshake. HTTP/2 servers speak first.
                    is_over = secure.recv(1) == b""
            except ssl.SSLError as error:
                return _explain(error, encrypts=encrypts, has_certificate=certificate is not None)
            if not encrypts:
                return "the server there wants TLS"
            return (_REFUSES if certificate is not None else _ASKS) if is_over else None
    except OSError:
        return None


def _context(
    ca: str | Path | None, certificate: tuple[str | Path, str | Path] | None, *, encrypts: bool
) -> ssl.SSLContext:
    """Raises OSError or ValueError for a file that is none."""
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    if not encrypts:
        # Only to learn whether TLS is spoken there: nothing is sent.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context


def _explain(error: ssl.SSLError, *, encrypts: bool, has_certificate: bool) -> str | None:
    reason = error.reason or ""
    is_alert = "ALERT" in reason
    if not encrypts:
        return "the server there wants TLS" if is_alert else None
    if is_alert and re.search("CERT|UNKNOWN_CA|HANDSHAKE_FAILURE", reason):
        return _REFUSES if has_certificate else _ASKS
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted: {error.verify_message}"
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER" in reason:
        return "the server there speaks no TLS"
    return None

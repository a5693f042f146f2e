"""
The certificate authority of one fleet. It lives with the fleet's actor; hosts make their own private keys and ask it
for a certificate, so that no private key of a server ever travels.
"""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: It ends with its fleet, not by its date.
_YEARS = timedelta(days=3650)
#: Clocks of two machines differ.
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True)
class Credentials:
    """What a client needs to reach the fleet's servers."""

    token: str
    #: The authority's certificate, PEM.
    ca: str

    def __repr__(self) -> str:
        """Without the token: exceptions and logs show arguments."""
        return "Credentials(…)"


@dataclass(frozen=True)
class Enrolment:
    """What a host needs to serve, beside its private key."""

    #: Its certificate chain, PEM.
    certificate: str
    credentials: Credentials


class Authority:
    """Made by `make`, or by `load` of what `dump` gave."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, token: str) -> None:
        self._key = key
        self._certificate = certificate
        self.credentials = Credentials(token, _pem(certificate))

    @classmethod
    def make(cls, fleet: str) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"gymwire fleet {fleet}")
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _CLOCK_SKEW)
            .not_valid_after(now + _YEARS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        return cls(key, builder.sign(key, hashes.SHA256()), secrets.token_urlsafe(32))

    @classmethod
    def load(cls, kept: dict[str, str]) -> Authority:
        key = serialization.load_pem_private_key(kept["key"].encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"expected the key of an elliptic curve, got {type(key).__name__}")
        return cls(key, x509.load_pem_x509_certificate(kept["certificate"].encode()), kept["token"])

    def dump(self) -> dict[str, str]:
        """Secrets. For a private file."""
        return {
            "key": _key_pem(self._key),
            "certificate": self.credentials.ca,
            "token": self.credentials.token,
        }

    def sign(self, request: str) -> str:
        """
        A server's certificate for the key and the address in a request (PEM).

        :raises ValueError: for a request that its own key did not sign, or that names no address
        """
        asked = x509.load_pem_x509_csr(request.encode())
        if not asked.is_signature_valid:
            raise ValueError("expected a request for a certificate that is signed by its own key")
        try:
            names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound as error:
            raise ValueError("expected a request for a certificate that names an address") from error
        issuer = self._certificate
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name("gymwire env server"))
            .issuer_name(issuer.subject)
            .public_key(asked.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(issuer.not_valid_before_utc)
            .not_valid_after(issuer.not_valid_after_utc)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(names.value, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        return _pem(builder.sign(self._key, hashes.SHA256()))


def request_certificate(address: str) -> tuple[str, str]:
    """A new private key, and the request for a certificate for it (both PEM). The address: IP or name."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name("gymwire env server"))
    names = x509.SubjectAlternativeName([_general_name(address)])
    request = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return _key_pem(key), request.public_bytes(serialization.Encoding.PEM).decode()


def _general_name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

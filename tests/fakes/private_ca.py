"""A certificate authority of one's own, as company networks have, and a certificate for loopback."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.fakes.loopback import HOST

Key = ec.EllipticCurvePrivateKey


class PrivateCa(NamedTuple):
    """The file that clients must trust, and what a server presents."""

    ca_file: Path
    server_context: ssl.SSLContext


def private_ca(folder: Path) -> PrivateCa:
    """Make an authority and a server's certificate, good for an hour."""
    ca_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = _certificate("Headway test authority", ca_key, ca_key, is_ca=True)
    server = _certificate(HOST, server_key, ca_key, is_ca=False)
    ca_file, chain_file = folder / "ca.pem", folder / "chain.pem"
    ca_file.write_bytes(ca.public_bytes(Encoding.PEM))
    secret = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain_file.write_bytes(secret + server.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain_file)
    return PrivateCa(ca_file, context)


def _certificate(name: str, key: Key, issuer_key: Key, *, is_ca: bool) -> x509.Certificate:
    now = datetime.now(timezone.utc)
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    unsigned = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named("Headway test authority"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id, critical=False)
    )
    return (_with_ca_usage(unsigned) if is_ca else unsigned).sign(issuer_key, SHA256())


def _with_ca_usage(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """Python 3.13 verifies strictly and wants an authority to say that it may sign."""
    absent = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return builder.add_extension(x509.KeyUsage(**absent, key_cert_sign=True, crl_sign=True), critical=True)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

"""TLS of the link: contexts from certificates, and what a failed handshake means.

Whitepaper A00.FR.307-322, 411-426: TLS 1.2 at least, ephemeral keys and AEAD ciphers only, no
compression, host name and path checked against the installed roots.
"""

import ssl
from pathlib import Path

from chargepoint.ocpp.link import LinkLost, LinkRefused

# TLS 1.2; those of TLS 1.3 are all good and cannot be chosen here.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL:!DSS"
# What a server says of our certificate, in the alert's own words.
_OUR_CERTIFICATE = (
    "CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "UNSUPPORTED_CERTIFICATE", "ACCESS_DENIED",
)  # fmt: skip
_VERSION = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_VERSION_NUMBER", "WRONG_SSL_VERSION")
_CIPHER = ("HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "INSUFFICIENT_SECURITY")


def context(
    roots: tuple[str, ...], identity: Path | None, *, with_system_roots: bool
) -> ssl.SSLContext:
    """Raises LinkRefused when the station's own key or certificate cannot be used."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(_CIPHERS)
    made.options |= ssl.OP_NO_COMPRESSION
    # Whitepaper §7.1: a root that was signed by its predecessor must stand by itself.
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if with_system_roots:
        made.load_default_certs()
    if roots:
        made.load_verify_locations(cadata="\n".join(roots))
    if identity is not None:
        try:
            made.load_cert_chain(identity)
        except (OSError, ssl.SSLError) as error:
            detail = f"own certificate unusable: {type(error).__name__}"
            raise LinkRefused("central.own_certificate", detail) from error
    return made


def failure(error: ssl.SSLError) -> LinkLost:
    """What the handshake's end says, as the incident and the security event it is."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return LinkRefused(
            "central.certificate", error.verify_message, "InvalidCentralSystemCertificate"
        )
    reason = (error.reason or str(error)).upper()
    if any(word in reason for word in _OUR_CERTIFICATE):
        return LinkRefused(
            "central.own_certificate", reason, "FailedToAuthenticationAtCentralSystem"
        )
    if any(word in reason for word in _VERSION):
        return LinkRefused("central.tls_version", reason, "InvalidTLSVersion")
    if any(word in reason for word in _CIPHER):
        return LinkRefused("central.tls_cipher", reason, "InvalidTLSCipherSuite")
    return LinkLost(f"TLS: {reason}")

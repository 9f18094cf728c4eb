"""Keys of the link and of its security (whitepaper "Improved security for OCPP 1.6-J" §7)."""

import re

from chargepoint.ocpp.key_types import Key, boolean, constant, line, whole

MAX_CHAIN_CHARS = 10_000
MAX_STORED_CERTIFICATES = 16
# X.520 allows an organization this many characters; it goes into the certificate's subject.
_CPO_NAME_CHARS = 64


def _password(text: str) -> str:
    """16 to 20 bytes in hex (A00.FR.205). The reason never repeats the value."""
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2}){16,20}", text):
        raise ValueError("not 16 to 20 bytes in hexadecimal digits")
    return text.upper()


SECURITY_KEYS = (
    Key("AdditionalRootCertificateCheck", "false", boolean, is_read_only=True, is_of_site=True),
    Key("AuthorizationKey", "", _password, is_write_only=True),
    constant("CertificateSignedMaxChainSize", MAX_CHAIN_CHARS),
    constant("CertificateStoreMaxLength", MAX_STORED_CERTIFICATES),
    Key("CpoName", "", line(_CPO_NAME_CHARS)),
    Key("SecurityProfile", "0", whole(0, 3)),
)

# §9 and whitepaper L01, remarks.
FIRMWARE_KEYS = (constant("SupportedFileTransferProtocols", "FTP,FTPS,HTTP,HTTPS"),)

# OCPP 2.0.1 part 4 §5.3; 1.6 has no keys for it.
LINK_KEYS = (
    Key("RetryBackOffRandomRange", "1", whole(0, 3600)),
    Key("RetryBackOffRepeatTimes", "5", whole(0, 10)),
    Key("RetryBackOffWaitMinimum", "1", whole(1, 3600)),
)

"""What happens to a station's security, in the words that OCPP 1.6's whitepaper and 2.x share.

Pure. Critical ones and two more go to the central system, all go to the security log (whitepaper §8, A04).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SecurityWord(StrEnum):
    FIRMWARE_UPDATED = "FirmwareUpdated"
    NOT_LET_IN = "FailedToAuthenticationAtCentralSystem"
    CENTRAL_NOT_PROVEN = "CentralSystemFailedToAuthentication"
    CLOCK_SET = "SettingSystemTime"
    STARTED = "StartupOfTheDevice"
    RESET = "ResetOrReboot"
    LOG_CLEARED = "SecurityLogWasCleared"
    RECONFIGURED = "ReconfigurationOfSecurityParameters"
    MEMORY_EXHAUSTED = "MemoryExhaustion"
    INVALID_MESSAGES = "InvalidMessages"
    REPLAY = "AttemptedReplayAttacks"
    TAMPERED = "TamperDetectionActivated"
    FIRMWARE_SIGNATURE = "InvalidFirmwareSignature"
    FIRMWARE_CERTIFICATE = "InvalidFirmwareSigningCertificate"
    CENTRAL_CERTIFICATE = "InvalidCentralSystemCertificate"
    OWN_CERTIFICATE = "InvalidChargePointCertificate"
    TLS_VERSION = "InvalidTLSVersion"
    TLS_CIPHER = "InvalidTLSCipherSuite"


CRITICAL = frozenset(
    {
        SecurityWord.FIRMWARE_UPDATED,
        SecurityWord.CLOCK_SET,
        SecurityWord.STARTED,
        SecurityWord.RESET,
        SecurityWord.LOG_CLEARED,
        SecurityWord.MEMORY_EXHAUSTED,
        SecurityWord.TAMPERED,
    }
)

# Not critical, and asked for all the same: certification wants to hear of a certificate that was sent
# and is not one to trust.
TOLD_TOO = frozenset({SecurityWord.OWN_CERTIFICATE, SecurityWord.CENTRAL_CERTIFICATE})


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """`id` is unique for ever. `info` holds no secret."""

    id: str
    word: SecurityWord
    at: datetime
    info: str = ""

    @property
    def key(self) -> str:
        return f"security:{self.id}"

    @property
    def is_told(self) -> bool:
        return self.word in CRITICAL | TOLD_TOO

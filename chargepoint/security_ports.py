"""Ports of what keeps a station trustworthy: its security log, files over the network, installing."""

from typing import Protocol


class SecurityLog(Protocol):
    """What happened to the station's security (whitepaper "Improved security for OCPP 1.6-J" §8)."""

    def note(self, event: str, info: str = "") -> None:
        """Written to the log in order; a critical one is queued for the central system with it.

        Never blocks, never raises. `info` holds no secret.
        """
        ...

"""The root of what can go wrong outside this package's code."""


class CentralError(Exception):
    """A broken world, caught where it can be explained."""


class PointAway(CentralError):
    """No link to this charge point, or the link ended before it answered."""


class CallRefused(CentralError):
    """The charge point answered CALLERROR, or the request was not a valid OCPP 1.6 request."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description


class NoAnswer(CentralError):
    """The charge point did not answer within the call's time limit."""


class MalformedRequest(CentralError):
    """A DataTransfer of ours whose content is not what its messageId promises."""


class WrongProvisioning(CentralError):
    """A provisioning file that cannot be used; the message names every error at once."""

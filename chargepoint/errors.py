"""The root of every exception this project raises about a broken world."""


class ChargepointError(Exception):
    """Something outside our code is not as it must be; caught where it can be explained."""

"""Putting a station into service on site: find, set, try out, and sign what was found.

Runs while the core does not: every port is needed. `python -m chargepoint.commission --help`.
"""

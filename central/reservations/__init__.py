"""Reservations: who may have which connector when, told to points and people in time."""

"""Charge points on the wire: OCPP 1.6J sessions, their frames, links and what is known of each."""

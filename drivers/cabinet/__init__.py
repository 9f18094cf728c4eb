"""Tactile keys, headphone jack and door of the cabinet, on one digital input module."""

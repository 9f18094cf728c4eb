"""Shops: they sell blank cards with money on them, and load cards; they owe us what they took."""

"""What a charge costs: tariffs, their conditions, their validator."""

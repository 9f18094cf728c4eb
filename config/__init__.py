"""Configuration: strict schema, loader that reports every error at once, command line check."""

"""The core process of the charge point: pure domain, asyncio shell, adapters (docs/architecture.md)."""

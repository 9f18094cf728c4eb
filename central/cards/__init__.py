"""Making cards: numbers, keys, sealed letters. A program of its own, away from the servers."""

"""ccTalk: one-wire bus of coin acceptors and hoppers (ccTalk Generic Specification 4.7)."""

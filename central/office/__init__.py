"""The operator's own pages: cards, promotions, packs, shops, sessions, books."""

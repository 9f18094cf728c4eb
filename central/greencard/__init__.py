"""The Green Card: accounts, prices, charges and receipts, as money and as rules."""

"""What browsers see: the operator's page and public receipts."""

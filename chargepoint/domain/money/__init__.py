"""Books and papers: postings, settlement, invoices, vouchers, refunds."""

"""The charge on its customer's telephone, without an account: page, messages, invoice, problem."""

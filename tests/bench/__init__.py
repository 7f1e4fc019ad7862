"""The budgets of the design, measured: rooflines, peer and ledger in one run, judged by their ratio."""

"""``docs/rules.md``: each requirement with the rules that serve it and the tests that show it."""

"""Mutation testing of the law: `make mutants` changes one thing at a time and asks whether a test notices."""

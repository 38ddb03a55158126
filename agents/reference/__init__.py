"""The reference documentation, written from the code: ``python -m agents.reference``."""

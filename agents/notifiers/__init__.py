"""Where pages go: one file per target, found by discovery under its export ``NOTIFIER``."""

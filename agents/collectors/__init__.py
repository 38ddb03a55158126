"""Collectors: one file each, found by discovery. What they promise is in ``_base``."""

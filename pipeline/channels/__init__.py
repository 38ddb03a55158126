"""Channels: one file per source turns what it sends into canonical records. Found by discovery, export ``ADAPTER``."""

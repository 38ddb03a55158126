"""The outbox of pages: what waits for whom, in which order, and what becomes of it; no clock and no socket."""

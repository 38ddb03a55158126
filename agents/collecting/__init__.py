"""What all collectors share: acknowledgements, cursors, back-off, metrics, start and stop."""

"""Word lists that people can read and change."""

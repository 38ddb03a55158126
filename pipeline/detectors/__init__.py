"""One module per detector, each exporting ``DETECTOR``; found by ``pipeline.discover``."""

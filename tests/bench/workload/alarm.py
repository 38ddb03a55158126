"""The mark of a post that rings at once, for latencies: Tocsin's stage and the plain loop look for the same bytes."""

ALARM = b'"alarm":true'

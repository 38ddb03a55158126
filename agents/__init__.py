"""What acts: Faust, Kafka, ClickHouse, HTTP, the clock, the environment and the command line."""

"""The console: server-rendered pages over ClickHouse, and commands to the brand log. Decides nothing."""

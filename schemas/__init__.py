"""What is on the wire and in the store: records, topics, tables. Imports the standard library, msgspec and orjson."""

"""What the console shows, as pure functions over what was read: no page, no query, no clock."""

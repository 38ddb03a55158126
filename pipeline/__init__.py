"""What Tocsin decides. Pure: no clock, socket, disk, environment, logging or randomness; time arrives in records."""

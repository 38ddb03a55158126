"""Local servers that speak as the sources of collectors do: one file for each collector, named like it."""

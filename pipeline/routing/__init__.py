"""Who hears of an incident, when, and in which language: decided from the routing file and the page alone."""

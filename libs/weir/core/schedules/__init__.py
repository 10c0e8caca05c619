"""When a schedule fires, and what becomes of each time at which it should."""

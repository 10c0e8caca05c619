"""Node types: the base, the registry and the built-in ones."""

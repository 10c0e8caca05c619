"""The HTTP edge: one table of routes, one way to authenticate, to read a body and to refuse."""

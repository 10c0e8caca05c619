"""What the engine asks of the world, as Protocols.

Each has a memory adapter that passes the same suite as the others.
"""

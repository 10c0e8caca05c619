"""The secrets port on keys that lie in a file."""

"""The secrets port by envelope encryption: data keys of tenants, wrapped by a key provider."""

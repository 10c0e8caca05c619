"""The key provider on the transit engine of HashiCorp Vault, or of OpenBao."""

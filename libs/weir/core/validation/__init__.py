"""The parts of validation, one file each; `weir.core.validate` puts them together."""

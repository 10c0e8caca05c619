"""The node types that come with Weir, one file each."""

"""Types of credentials, one file each: their fields, and how they are tried."""

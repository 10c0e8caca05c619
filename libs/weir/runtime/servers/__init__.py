"""The NATS server and the Postgres that an embedded platform starts for itself."""

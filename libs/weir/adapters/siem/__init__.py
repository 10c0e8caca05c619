"""Collectors of security events outside: syslog and OpenTelemetry."""

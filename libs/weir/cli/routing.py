"""`weir routes`: every HTTP route by the service that owns it, asked of the services themselves."""

from __future__ import annotations

from services.embedded.routes import routes as owned
from weir.cli.exits import Code
from weir.cli.output import console, table, tell
from weir.runtime.http.table import ordered


def routes(*, as_json: bool) -> Code:
    """Print the table that an ingress is made from."""
    rows = [
        (service, route.method, route.pattern, route.permission.value, route.summary)
        for service, found in sorted(owned().items())
        for route in ordered(found)
    ]
    columns = ("service", "method", "pattern", "permission", "summary")
    if as_json:
        tell({"routes": [dict(zip(columns, row, strict=True)) for row in rows]})
    else:
        console().print(table(columns, rows))
    return Code.OK

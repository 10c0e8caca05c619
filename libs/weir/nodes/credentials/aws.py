"""Access to AWS with a key."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import Field

from weir.nodes.credentials.base import Address, Credential, FieldsModel, Secret
from weir.ports.credential_types import Probe
from weir.ports.node_context import Terminal

TIMEOUT_S = 15.0
BYTES = 64 * 1024
_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_ARN = re.compile(r"<Arn>([^<]+)</Arn>")
_CODE = re.compile(r"<Code>([A-Za-z]+)</Code>")
_OK = 200


class Fields(FieldsModel):
    """Who we are, and where."""

    access_key_id: str = Field(pattern=r"^[A-Z0-9]{16,128}$", description="Like AKIA….")
    secret_access_key: Secret
    session_token: Secret | None = Field(None, description="Of temporary access.")
    region: str = Field("us-east-1", pattern=r"^[a-z0-9-]{1,40}$", description="Like eu-west-1.")
    endpoint: Address | None = Field(
        None, description="Another address of STS for the test; empty: AWS's own."
    )


class Aws(Credential[Fields]):
    """An access key of AWS."""

    type = "aws"
    title = "AWS"
    icon = "cloud"

    async def try_it(self, fields: Fields, probe: Probe) -> str:
        """`sts:GetCallerIdentity`, which whoever is somebody may ask."""
        url = (fields.endpoint or f"https://sts.{fields.region}.amazonaws.com").rstrip("/") + "/"
        answer = await probe.http.request(
            "POST",
            url,
            headers=signed(fields, url, _BODY, probe.now_ms),
            body=_BODY,
            timeout_s=TIMEOUT_S,
            max_bytes=BYTES,
            max_redirects=0,
        )
        text = answer.body.decode("utf-8", "replace")
        if answer.status != _OK:
            code = _CODE.search(text)
            raise Terminal(
                f"STS refuses the key: {code[1] if code else answer.status}", code="AWS_REFUSED"
            )
        arn = _ARN.search(text)
        return f"AWS knows us as {arn[1] if arn else 'somebody'}"


def signed(fields: Fields, url: str, body: bytes, now_ms: int) -> dict[str, str]:
    """The headers of a POST to STS, signed as version 4 of AWS's signatures has it."""
    parts = urlsplit(url)
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": parts.netloc,
        "x-amz-date": stamp,
    }
    if fields.session_token:
        headers["x-amz-security-token"] = fields.session_token
    names = ";".join(headers)
    listed = "".join(f"{name}:{value}\n" for name, value in headers.items())
    asked = "\n".join(["POST", parts.path, "", listed, names, hashlib.sha256(body).hexdigest()])
    scope = f"{stamp[:8]}/{fields.region}/sts/aws4_request"
    told = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = f"AWS4{fields.secret_access_key}".encode()
    for part in (stamp[:8], fields.region, "sts", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
    return headers | {
        "authorization": f"AWS4-HMAC-SHA256 Credential={fields.access_key_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    }

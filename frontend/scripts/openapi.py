"""Prints the OpenAPI document of the whole platform: what the types of the pages come from."""

from __future__ import annotations

import sys

import orjson

from services.embedded.routes import openapi

sys.stdout.buffer.write(orjson.dumps(openapi(), option=orjson.OPT_SORT_KEYS))

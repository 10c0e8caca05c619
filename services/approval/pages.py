"""The page behind a link: what is asked, and one button. No script, nothing from elsewhere."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from http import HTTPStatus
from typing import Any

import orjson

from services.approval.shown import title_of
from weir.contract import times
from weir.core.approvals.asked import Option
from weir.core.approvals.life import Life
from weir.runtime.http.call import Reply

CONTEXT = 8_000
_STYLE = (
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}"
    "body{max-width:40rem;margin:3rem auto;padding:0 1rem}"
    "h1{font-size:1.4rem}pre{white-space:pre-wrap;overflow-wrap:anywhere}"
    "label{display:block;margin:1rem 0 .25rem}"
    "input,textarea,select,button{font:inherit;box-sizing:border-box}"
    "input:not([type=checkbox]),textarea,select{width:100%;padding:.4rem}"
    "button{margin-top:1.5rem;padding:.6rem 1.4rem;cursor:pointer}.quiet{opacity:.75}"
)
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex, nofollow"}
_INPUTS = {"string": "text", "integer": "number", "number": "number", "boolean": "checkbox"}


def page(status: int, title: str, *parts: str) -> Reply:
    """A page; `parts` are HTML."""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1>{''.join(parts)}</body></html>"
    )
    return Reply(html.encode(), status, _HEADERS, media_type="text/html; charset=utf-8")


def asking(life: Life, option: Option, name: str, site: str) -> Reply:
    """What is asked, and the button that decides."""
    fields = [*_comment(option), *form_fields(life.asked.form if option.form else None)]
    return page(
        HTTPStatus.OK,
        title_of(life),
        _message(life),
        '<form method="post">',
        *fields,
        f'<button type="submit">{escape(option.label)}</button></form>',
        f'<p class="quiet">You decide as {escape(name)}. <a href="{escape(site)}">Open in Weir</a>'
        " to decide otherwise, or to comment.</p>",
    )


def decided(life: Life, option: str, name: str) -> Reply:
    """That it counts."""
    end = life.end
    if end is not None:
        told = f"It is decided: {end.option}."
    else:
        told = "Your choice counts; others have to agree."
    return page(
        HTTPStatus.OK,
        title_of(life),
        f"<p><strong>{escape(told)}</strong></p>",
        f'<p class="quiet">You chose {escape(option)} as {escape(name)}.</p>',
    )


def refused(status: int, title: str, text: str) -> Reply:
    """That nothing was changed, and why."""
    return page(status, title, f"<p>{escape(text)}</p>")


def _message(life: Life) -> str:
    due = f"<p>Until {escape(times.from_ms(life.due_ms))}.</p>" if life.due_ms else ""
    context = ""
    if life.asked.context is not None:
        shown = orjson.dumps(life.asked.context, option=orjson.OPT_INDENT_2).decode()
        context = f"<pre>{escape(shown[:CONTEXT])}</pre>"
    return f"<pre>{escape(life.asked.message)}</pre>{context}{due}"


def _comment(option: Option) -> Iterator[str]:
    required = " required" if option.comment else ""
    yield (
        f'<label for="comment">Comment</label><textarea id="comment" name="comment" rows="3" '
        f'maxlength="4000"{required}></textarea>'
    )


def is_flat(form: Any) -> bool:
    """Whether a form can be filled in without script: fields of single values."""
    fields = form.get("properties") if isinstance(form, Mapping) else None
    return isinstance(fields, Mapping) and all(
        isinstance(one, Mapping)
        and (one.get("type") in _INPUTS or isinstance(one.get("enum"), list))
        for one in fields.values()
    )


def form_fields(form: Any) -> Iterator[str]:
    """The fields of a flat form."""
    if form is None or not is_flat(form):
        return
    needed = form.get("required") or []
    for name, schema in form["properties"].items():
        label = str(schema.get("title") or name)
        place = f'id="v.{escape(name)}" name="v.{escape(name)}"'
        required = " required" if name in needed and schema.get("type") != "boolean" else ""
        yield f'<label for="v.{escape(name)}">{escape(label)}</label>'
        if isinstance(schema.get("enum"), list):
            ways = "".join(
                f'<option value="{number}">{escape(str(one))}</option>'
                for number, one in enumerate(schema["enum"])
            )
            yield f'<select {place}{required}><option value=""></option>{ways}</select>'
        else:
            kind = _INPUTS[schema["type"]]
            step = ' step="any"' if schema["type"] == "number" else ""
            yield f'<input type="{kind}" {place}{step}{required}>'


def values_of(form: Any, given: Mapping[str, str]) -> dict[str, Any] | None:
    """What was filled in, as the schema has it; what cannot be read is left as text."""
    if form is None or not is_flat(form):
        return None
    found: dict[str, Any] = {}
    for name, schema in form["properties"].items():
        text = given.get(f"v.{name}", "")
        if schema.get("type") == "boolean" and not isinstance(schema.get("enum"), list):
            found[name] = bool(text)
        elif text:
            found[name] = _value(schema, text)
    return found


def _value(schema: Mapping[str, Any], text: str) -> Any:
    try:
        if isinstance(schema.get("enum"), list):
            return schema["enum"][int(text)]
        if schema["type"] == "integer":
            return int(text)
        if schema["type"] == "number":
            return float(text)
    except (ValueError, IndexError):
        return text
    return text

"""Ids of cells and recordings: they become file names and anchors, so they are kept plain."""

from __future__ import annotations

import re

MAX_LENGTH = 100
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]")
_RESERVED = {"CON", "PRN", "AUX", "NUL"}
_RESERVED |= {port + digit for port in ("COM", "LPT") for digit in "0123456789"}


def id_problem(text: str) -> str:
    """Say why a text cannot be an id, or return an empty string."""
    if bad := _FORBIDDEN.search(text):
        seen = "a space" if bad[0] == " " else repr(bad[0])
        return f"contains {seen}; letters, digits and . _ - only, e.g. {plain_id(text)}"
    if text.startswith((".", "-")):
        return f"begins with {text[0]!r}; begin with a letter or digit"
    if len(text) > MAX_LENGTH:
        return f"has {len(text)} characters; {MAX_LENGTH} at most"
    if _is_reserved(text):
        return f"is a name that Windows keeps for a device; write e.g. {plain_id(text)}"
    return ""


def plain_id(text: str) -> str:
    """Return the nearest text that can be an id."""
    plain = _FORBIDDEN.sub("_", text)[:MAX_LENGTH]
    if plain.startswith((".", "-")):
        plain = "_" + plain[1:]
    return ("_" + plain)[:MAX_LENGTH] if _is_reserved(plain) else plain


def stem(file: str) -> str:
    """Return the name of a file without its folders and its last ending."""
    name = file.rsplit("/", 1)[-1]
    if name in ("", ".", ".."):
        return ""
    start = len(name) - len(name.lstrip("."))
    dot = name.rfind(".", start)
    return name[:dot] if dot > 0 else name


def _is_reserved(text: str) -> bool:
    return text.split(".", 1)[0].upper() in _RESERVED

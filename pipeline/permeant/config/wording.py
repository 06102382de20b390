"""From what a model refused to a sentence: what was seen, what is allowed, what to do."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from permeant.errors import did_you_mean

Path = tuple[str | int, ...]
_TYPES = {
    "float_type": "is not a number",
    "int_type": "is not a whole number",
    "bool_type": "is neither yes nor no",
    "string_type": "is not text; put it in quotes",
    "tuple_type": "is not a list; write [a, b, c]",
    "dict_type": "is not a section of key: value lines",
    "model_type": "is not a section of key: value lines",
    "model_attributes_type": "is not a section of key: value lines",
    "finite_number": "is not a finite number",
    "recursion_loop": "contains itself",
}


def shown(value: object, limit: int = 60) -> str:
    """Return a value as a user wrote it, cut where it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, str):
        plain = value if value.isprintable() and value == value.strip() and value else repr(value)
        return plain if len(plain) <= limit else plain[:limit] + "…"
    short = reprlib.Repr()
    short.maxlevel, short.maxother, short.maxlong, short.maxstring = 2, limit, limit, limit
    try:
        return short.repr(value)
    except ValueError:
        return "a number of thousands of digits"


def hint(column: str, value: float) -> str:
    """Say what a number outside its bounds probably is."""
    probably = ""
    if column == "temperature_c" and 255 <= value <= 345:
        probably = "is it in kelvin?"
    elif column == "temperature_c" and 60 < value <= 140:
        probably = "is it in Fahrenheit?"
    elif (column.endswith("_fraction") or column == "r_s_compensation") and 1 < value <= 100:
        probably = f"is it in percent? write {value / 100:g}"
    elif column.endswith("_mohm") and value > 1000:
        probably = "is it in ohm? write it in MΩ"
    elif column == "ljp_mv" and abs(value) > 100:
        probably = "is it in µV?"
    return probably and f"; {probably}"


def mistakes_in(
    error: ValidationError,
    model: type[BaseModel],
    where: Callable[[Path], str],
    raw: Callable[[Path], str | None] = lambda _: None,
) -> Iterator[str]:
    """Put every error of a validation into a sentence.

    ``where`` gives the beginning of the sentence for a place in the data, ``raw`` the text
    that the user wrote there where it is known.
    """
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # too short only because its items were refused, which is said already
        path = tuple(detail["loc"])
        yield where(path) + _sentence(detail, path, model, raw(path))


def _sentence(detail: ErrorDetails, path: Path, model: type[BaseModel], raw: str | None) -> str:
    kind = detail["type"]
    if path and (kind == "invalid_key" or path[-1] == "[key]"):
        return _bad_name(detail, path)
    if kind == "extra_forbidden":
        return _unknown_key(path, model)
    field = _field_at(model, path)
    name = _dotted(path) or "the configuration"
    if kind == "missing":
        return f"{name} is missing{_meaning(field)}"
    if kind in ("too_short", "string_too_short"):
        return f"{name} is empty{_meaning(field)}"
    value = detail["input"]
    if kind == "value_error" and isinstance(value, (dict, BaseModel)):
        return f"{name}: {detail['ctx']['error']}"
    return f"{name} = {shown(value) if raw is None else raw} {_what_is_wrong(detail, field)}"


def _bad_name(detail: ErrorDetails, path: Path) -> str:
    """Say why a name chosen by the user cannot be one."""
    if detail["type"] == "value_error":
        return f"{_dotted(path[:-1])} {detail['ctx']['error']}"
    section, name = path[:-1], path[-1]
    if name == "[key]":
        section, name = path[:-2], detail["input"]
    inside = f"{_dotted(section)}: " if section else ""
    return f"{inside}the name {shown(name)} is not text; put it in quotes"


def _what_is_wrong(detail: ErrorDetails, field: FieldInfo | None) -> str:
    """Say what is allowed for a value that was refused, and what was probably meant."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return f"is outside {_bounds(field, context)}{hint(str(detail['loc'][-1]), value)}"
    if kind == "literal_error":
        allowed = _literals(field)
        return f"is not one of {', '.join(allowed)}.{did_you_mean(shown(value), allowed)}"
    if kind in ("too_long", "string_too_long"):
        return f"is longer than {context['max_length']}"
    if kind in ("float_type", "int_type") and isinstance(value, str):
        return f"is text, not a number{_number_in(value)}"
    return _TYPES.get(kind, f"is refused: {detail['msg']}")


def _unknown_key(path: Path, model: type[BaseModel]) -> str:
    """Name the nearest known key, or the section in which the key is known."""
    parent, key = path[:-1], str(path[-1])
    owner = _model_at(model, parent)
    known = list(owner.model_fields) if owner else []
    inside = _dotted(parent) or "the top level"
    suggestion = did_you_mean(key, known)
    elsewhere = [
        section
        for section, field in model.model_fields.items()
        if (inner := _inner_model(field.annotation))
        and key in inner.model_fields
        and section != inside
    ]
    if not suggestion and elsewhere:
        suggestion = f" It belongs in {' or '.join(elsewhere)}:."
    return f"{_dotted(path)} is no known key of {inside}.{suggestion} Known: {', '.join(known)}."


def _dotted(path: Path) -> str:
    """Join a path: names with dots, places in a list as [1] for the first."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{shown(part)}"
    return text.lstrip(".")


def _number_in(text: str) -> str:
    """Say how a number that YAML took for text is written."""
    try:
        if math.isfinite(number := float(text)):
            return f"; write {number:g} without quotes"
    except ValueError:
        pass
    if found := re.match(r"\s*([-+]?[0-9]+(?:[.,][0-9]+)?)", text):
        return f"; write {found[1].replace(',', '.')} alone (the unit is in the key's name)"
    return ""


def _meaning(field: FieldInfo | None) -> str:
    return f"; needed: {field.description}" if field and field.description else ""


def _bounds(field: FieldInfo | None, context: dict[str, Any]) -> str:
    """Write the allowed range of a field, e.g. ``-5…60``."""
    found: dict[str, Any] = {}
    for item in field.metadata if field else ():
        for bound in ("ge", "gt", "le", "lt"):
            if getattr(item, bound, None) is not None:
                found[bound] = getattr(item, bound)
    found = found or context
    low, high = found.get("ge", found.get("gt")), found.get("le", found.get("lt"))
    above = f" (above {low:g})" if "gt" in found else ""
    if low is not None and high is not None:
        return f"{low:.12g}…{high:.12g}{above}"
    return f"{low:g} and more{above}" if low is not None else f"{high:g} and less"


def _literals(field: FieldInfo | None) -> list[str]:
    """List the allowed words of a field."""
    if field is None:
        return []
    return [str(value) for value in _leaves(field.annotation)]


def _leaves(annotation: Any) -> Iterator[object]:
    for argument in get_args(annotation):
        if isinstance(argument, (str, int)):
            yield argument
        else:
            yield from _leaves(argument)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation is made of: itself, or the items of a container."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    found = (_inner_model(argument) for argument in get_args(annotation))
    return next((model for model in found if model), None)


def _field_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """Find the declaration of the value at a path; for an item, that of its container."""
    field: FieldInfo | None = None
    here: type[BaseModel] | None = model
    for part in path:
        if here is not None and isinstance(part, str) and part in here.model_fields:
            field = here.model_fields[part]
            here = _inner_model(field.annotation)
    return field


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Find the model whose keys stand at a path."""
    field = _field_at(model, path)
    return model if field is None else _inner_model(field.annotation)

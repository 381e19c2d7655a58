"""How does any value of the package become JSON, and come back? Field by field, described by their types."""

# ruff: noqa: ANN401 - values of any class, plain values of JSON, annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union

import numpy as np

from clustermodel.errors import InputError

__all__ = ["describe_record", "format_record", "read_record", "write_record"]

T = TypeVar("T")

_SCALARS: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def write_record(value: Any) -> Any:
    """Turn a value into plain values: the fields of a class by name.

    Parameters
    ----------
    value : object
        A dataclass, named tuple, mapping, sequence, array or number.

    Returns
    -------
    object
        Made of dict, list, str, int, float, bool and None, which stands for numbers that are not
        finite. Floats keep all their digits.

    Raises
    ------
    TypeError
        If it holds something else, which is a mistake in the program.

    Examples
    --------
    >>> from clustermodel.structure.finding import Finding
    >>> write_record(Finding(code="x", severity="info", message="found", labels=("Au1",)))
    {'code': 'x', 'severity': 'info', 'message': 'found', 'labels': ['Au1']}
    """
    if isinstance(value, np.ndarray | np.generic):
        return write_record(value.tolist())
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): write_record(item) for key, item in value.items()}
    names = _field_names(value)
    if names is not None:
        return {name: write_record(getattr(value, name)) for name in names}
    if isinstance(value, list | tuple):
        return [write_record(item) for item in value]
    msg = f"cannot write a {type(value).__name__} as JSON"
    raise TypeError(msg)


def format_record(value: Any) -> str:
    """Write a value as JSON text.

    Parameters
    ----------
    value : object
        As for `write_record`.

    Returns
    -------
    str
        JSON with a final newline; numbers that are not finite are null.
    """
    return json.dumps(write_record(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def read_record(kind: type[T], record: Any) -> T:
    """Read a value back from plain values.

    Parameters
    ----------
    kind : type
        Class of the value, with annotated fields.
    record : object
        What `write_record` returned, or the same through JSON.

    Returns
    -------
    object
        An equal value of this class.

    Raises
    ------
    InputError
        If the record does not fit the class: the message names the field.

    Examples
    --------
    >>> from clustermodel.structure.finding import Finding
    >>> finding = Finding(code="x", severity="info", message="found", labels=("Au1",))
    >>> read_record(Finding, write_record(finding)).labels
    ('Au1',)
    """
    value: T = _read(kind, record, kind.__name__)
    return value


def describe_record(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of what `write_record` makes of a class.

    Parameters
    ----------
    kind : type
        Class with annotated fields, or another annotation.

    Returns
    -------
    dict
        JSON Schema; the unit of a field is its description.

    Examples
    --------
    >>> from clustermodel.structure.finding import Finding
    >>> describe_record(Finding)["properties"]["labels"]
    {'type': 'array', 'items': {'type': 'string'}}
    """
    if kind in _SCALARS:
        kinds = _SCALARS[kind]
        return {"type": [kinds, "null"] if kind is float else kinds}
    if kind is type(None):
        return {"type": "null"}
    hints = _field_hints(kind)
    if hints is not None:
        return {
            "type": "object",
            "properties": {name: _describe_field(kind, name, hint) for name, hint in hints.items()},
            "required": list(hints),
            "additionalProperties": False,
        }
    return _describe_container(kind)


def _describe_field(kind: type, name: str, hint: Any) -> dict[str, Any]:
    described = describe_record(hint)
    units = {one.name: one.metadata.get("unit") for one in getattr(kind, "__dataclass_fields__", {}).values()}
    unit = units.get(name)
    return {**described, "description": f"in {unit}"} if unit else described


def _describe_container(kind: Any) -> dict[str, Any]:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return {"enum": list(parts)}
    if origin in {Union, types.UnionType}:
        return {"anyOf": [describe_record(part) for part in parts]}
    if origin is np.ndarray:
        return {"type": "array"}
    if origin is tuple and parts[-1] is not Ellipsis:
        items = [describe_record(part) for part in parts]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if origin in {tuple, list}:
        return {"type": "array", "items": describe_record(parts[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": describe_record(parts[1])}
    msg = f"{kind} has no place in a record"
    raise TypeError(msg)


def _field_names(value: object) -> tuple[str, ...] | None:
    if dataclasses.is_dataclass(value):
        return tuple(one.name for one in dataclasses.fields(value))
    names: tuple[str, ...] | None = getattr(value, "_fields", None)
    return names


@cache
def _field_hints(kind: Any) -> dict[str, Any] | None:
    """Return the annotations of the fields of a dataclass or named tuple; None for others."""
    if not isinstance(kind, type):
        return None
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return {one.name: hints[one.name] for one in dataclasses.fields(kind)}
    return typing.get_type_hints(kind) if hasattr(kind, "_fields") else None


def _read(kind: Any, record: Any, where: str) -> Any:
    if kind is float and record is None:
        return math.nan
    if kind in _SCALARS:
        return _read_scalar(kind, record, where)
    hints = _field_hints(kind)
    if hints is not None:
        return _read_fields(kind, hints, record, where)
    return _read_container(kind, record, where)


def _read_scalar(kind: type, record: Any, where: str) -> Any:
    is_whole = isinstance(record, int) and not isinstance(record, bool)
    if kind is float and (is_whole or isinstance(record, float)):
        return float(record)
    if (kind is int and is_whole) or (kind is not int and isinstance(record, kind)):
        return record
    msg = f"{where}: found {record!r}, expected {_SCALARS[kind]}"
    raise InputError(msg)


def _read_fields(kind: Any, hints: dict[str, Any], record: Any, where: str) -> Any:
    if not isinstance(record, Mapping) or set(record) != set(hints):
        found = sorted(record) if isinstance(record, Mapping) else record
        msg = f"{where}: found {found!r}, expected an object with the fields {', '.join(hints)}"
        raise InputError(msg)
    return kind(**{name: _read(hint, record[name], f"{where}.{name}") for name, hint in hints.items()})


def _read_container(kind: Any, record: Any, where: str) -> Any:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal and record in parts:
        return record
    if origin in {Union, types.UnionType}:
        return _read_union(parts, record, where)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(record, Mapping):
        return {key: _read(parts[1], item, f"{where}.{key}") for key, item in record.items()}
    if origin is np.ndarray and isinstance(record, list):
        dtype = typing.get_args(parts[1])[0]
        return np.asarray(record, dtype=dtype)
    if origin in {tuple, list} and isinstance(record, list):
        items = [parts[0]] * len(record) if parts[-1] is Ellipsis or origin is list else list(parts)
        if len(items) == len(record):
            read = [_read(p, r, f"{where}[{i}]") for i, (p, r) in enumerate(zip(items, record, strict=True))]
            return read if origin is list else tuple(read)
    msg = f"{where}: found {record!r}, expected {kind}"
    raise InputError(msg)


def _read_union(parts: tuple[Any, ...], record: Any, where: str) -> Any:
    if record is None and type(None) in parts:
        return None
    problems = []
    for part in parts:
        try:
            return _read(part, record, where)
        except InputError as error:
            problems.append(str(error))
    raise InputError("; ".join(problems))

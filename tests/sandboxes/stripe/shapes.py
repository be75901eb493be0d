"""Compare answers with Stripe's published description of its objects.

``data/shapes.json`` is distilled from Stripe's OpenAPI description (MIT licence,
version 2026-08-26): per object its properties with types, enums and nullability, and
``example_keys``, the keys a real answer carries.
"""

import json
from pathlib import Path
from typing import Any

DATA = json.loads((Path(__file__).parent / "data" / "shapes.json").read_text())
OBJECTS: dict[str, Any] = DATA["objects"]
EXAMPLES: dict[str, Any] = DATA["example_keys"]
# The distilled description lost every property of this name.
ALWAYS_KNOWN = {"description"}
# Keys of the published examples that a real answer of today does not carry.
NOT_SENT = {
    # Only when expanded, since API version 2022-11-15.
    "charge": {"refunds"},
}
_TYPES = {"string": str, "boolean": bool, "object": dict, "array": list}


def problems(body: dict[str, Any], kind: str | None = None) -> list[str]:
    """Return all differences of an answer from Stripe's description."""
    kind = kind or body["object"]
    found = list(_against({"$ref": kind}, body, kind))
    example = EXAMPLES.get(kind, {})
    missing = set(example) - set(body) - NOT_SENT.get(kind, set())
    return [*found, *(f"{kind}.{name}: missing" for name in sorted(missing))]


def _against(rule: dict[str, Any], value: Any, path: str) -> Any:
    if value is None:
        if not rule.get("nullable"):
            yield f"{path}: null"
        return
    if rule.get("expandable") and isinstance(value, dict):
        known = value.get("object")
        expected = {name.removeprefix("deleted_") for name in rule["expands_to"]}
        if known not in expected:
            yield f"{path}: expanded to {known}"
        yield from _against({"$ref": str(known)}, value, path)
    elif "$ref" in rule:
        yield from _against(OBJECTS[rule["$ref"]], value, path)
    elif "anyOf" in rule:
        tried = [list(_against(option, value, path)) for option in rule["anyOf"]]
        if all(tried):
            yield from min(tried, key=len)
    else:
        yield from _typed(rule, value, path)


def _typed(rule: dict[str, Any], value: Any, path: str) -> Any:
    kind = rule.get("type")
    if kind in ("integer", "number"):
        if not isinstance(value, int | float) or isinstance(value, bool):
            yield f"{path}: {value!r} is no {kind}"
    elif kind in _TYPES and not isinstance(value, _TYPES[kind]):
        yield f"{path}: {value!r} is no {kind}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield f"{path}: {value!r} is none of {rule['enum']}"
    if kind == "array":
        for index, item in enumerate(value):
            yield from _against(rule.get("items", {}), item, f"{path}[{index}]")
    if kind == "object" and "properties" in rule:
        yield from _members(rule, value, path)


def _members(rule: dict[str, Any], value: dict[str, Any], path: str) -> Any:
    for name in rule.get("required", []):
        if name not in value:
            yield f"{path}.{name}: required, missing"
    for name, inner in value.items():
        known = rule["properties"].get(name)
        if known is not None:
            yield from _against(known, inner, f"{path}.{name}")
        elif name not in ALWAYS_KNOWN and name not in _example(value):
            yield f"{path}.{name}: unknown to Stripe"


def _example(value: dict[str, Any]) -> Any:
    """Return keys that only the published example of an object has (``source``)."""
    return EXAMPLES.get(str(value.get("object")), {})

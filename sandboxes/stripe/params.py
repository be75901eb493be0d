"""Read form parameters and check them against Stripe's parameter tables.

``data/parameters.json`` is distilled from Stripe's published API description (MIT):
``s`` string, ``i`` integer, ``b`` boolean, ``n`` number, ``*`` anything, ``enum``,
``of`` named members, ``map`` free keys, ``list``, ``any`` alternatives, ``unset`` a
value that an empty string clears.
"""

import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from sandboxes.stripe.errors import InvalidRequest

Params = dict[str, Any]
Rule = Any
_PART = re.compile(r"\[([^\]]*)\]")


def _tables() -> dict[str, Rule]:
    text = files("sandboxes.stripe").joinpath("data/parameters.json").read_text("utf-8")
    tables = json.loads(text)
    shared = tables["shared"]

    def resolve(rule: Rule) -> Rule:
        if isinstance(rule, dict):
            if set(rule) == {"ref"} and rule["ref"] in shared:
                return resolve(shared[rule["ref"]])
            return {name: resolve(inner) for name, inner in rule.items()}
        if isinstance(rule, list):
            return [resolve(inner) for inner in rule]
        return rule

    return {name: resolve(rule) for name, rule in tables["operations"].items()}


_TABLES = _tables()


def decode(text: str) -> Params:
    """Turn ``a[b][0]=1&c=2`` into nested dicts. Lists stay dicts until checked."""
    tree: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = [name.partition("[")[0], *_PART.findall(name)]
        node = tree
        for part in parts[:-1]:
            inner = node.setdefault(_slot(node, part), {})
            if not isinstance(inner, dict):
                raise InvalidRequest(message=f"Invalid hash: {name}", param=parts[0])
            node = inner
        node[_slot(node, parts[-1])] = value
    return tree


def _slot(node: Params, part: str) -> str:
    """Append for ``a[]=x``: the empty part gets the next free number."""
    return part or str(len(node))


def check(operation: str, given: Params) -> Params:
    """Return the parameters with their types. Raises InvalidRequest."""
    checked = _check(_TABLES[operation], given, "")
    return checked if isinstance(checked, dict) else {}


def _check(rule: Rule, value: Any, path: str) -> Any:
    if isinstance(rule, str):
        return _scalar(rule, value, path)
    for kind, check_kind in _KINDS.items():
        if kind in rule:
            return check_kind(rule[kind], value, path)
    return _members(rule, value, path)


def _unset(rule: Rule, value: Any, path: str) -> Any:
    return "" if value == "" else _check(rule, value, path)


def _scalar(rule: str, value: Any, path: str) -> Any:
    if rule == "*":
        return value
    if not isinstance(value, str):
        raise InvalidRequest(message=f"Invalid string: {json.dumps(value)}", param=path)
    if rule == "i":
        return _integer(value, path)
    if rule == "b":
        return _boolean(value, path)
    if value == "":
        raise InvalidRequest(
            message=f"You passed an empty string for '{path}'. We assume empty "
            "values are an "
            f"attempt to unset a field; however '{path}' cannot be unset. You should "
            f"remove '{path}' from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=path,
        )
    return value


def _integer(value: str, path: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise InvalidRequest(
            message=f"Invalid integer: {value}",
            code="parameter_invalid_integer",
            param=path,
        )
    return int(value)


def _boolean(value: str, path: str) -> bool:
    if value not in ("true", "false"):
        raise InvalidRequest(message=f"Invalid boolean: {value}", param=path)
    return value == "true"


def _choice(allowed: list[str], value: Any, path: str) -> str:
    if value in allowed:
        return str(value)
    listed = ", ".join(allowed[:-1]) + f", or {allowed[-1]}"
    if len(allowed) == 1:
        listed = allowed[0]
    raise InvalidRequest(message=f"Invalid {path}: must be one of {listed}", param=path)


def _list(rule: Rule, value: Any, path: str) -> Any:
    if value == "":
        return []
    if not isinstance(value, dict) or not all(name.isdigit() for name in value):
        raise InvalidRequest(message="Invalid array", param=path)
    ordered = sorted(value.items(), key=lambda item: int(item[0]))
    return [_check(rule, item, f"{path}[{index}]") for index, item in ordered]


def _map(_rule: Rule, value: Any, path: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InvalidRequest(message="Invalid object", param=path)
    for name, inner in value.items():
        if not isinstance(inner, str):
            raise InvalidRequest(
                message="Metadata values must be strings", param=f"{path}[{name}]"
            )
        if len(name) > 40 or len(inner) > 500:  # noqa: PLR2004 - Stripe's limits
            raise InvalidRequest(
                message="Metadata keys can have up to 40 characters and values up "
                "to 500; "
                f"'{name[:40]}' does not fit.",
                param=path,
            )
    return dict(value)


def _any(rules: list[Rule], value: Any, path: str) -> Any:
    """Return the first alternative that fits. Raises the last one's error."""
    for rule in rules[:-1]:
        try:
            return _check(rule, value, path)
        except InvalidRequest:
            continue
    return _check(rules[-1], value, path)


def _members(rule: Rule, value: Any, path: str) -> Any:
    members = rule["of"]
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise InvalidRequest(message="Invalid object", param=path)
    _refuse_unknown(members, value, path)
    for name in rule.get("req", []):
        if name not in value:
            missing = _join(path, name)
            raise InvalidRequest(
                message=f"Missing required param: {missing}.",
                code="parameter_missing",
                param=missing,
            )
    return {
        name: _check(members[name], inner, _join(path, name))
        for name, inner in value.items()
    }


def _refuse_unknown(members: Rule, value: Params, path: str) -> None:
    unknown = [_join(path, name) for name in value if name not in members]
    if unknown:
        noun = "parameter" if len(unknown) == 1 else "parameters"
        raise InvalidRequest(
            message=f"Received unknown {noun}: {', '.join(unknown)}",
            code="parameter_unknown",
            param=unknown[0],
        )


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


_KINDS: dict[str, Callable[[Any, Any, str], Any]] = {
    "unset": _unset,
    "enum": _choice,
    "list": _list,
    "map": _map,
    "any": _any,
}

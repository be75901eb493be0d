"""Find the environment variables that the settings read, in their source."""

import ast
from pathlib import Path

SETTINGS = Path(__file__).parents[2] / "shop" / "settings.py"


def variables_read(source: str) -> set[str]:
    """Return the first argument of every ``env.something("NAME", ...)``."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def settings_variables() -> set[str]:
    return variables_read(SETTINGS.read_text())

"""Print what a command found."""

import json
from typing import Any

from django.core.management.base import OutputWrapper


def print_json(out: OutputWrapper, document: Any) -> None:
    """Print one JSON document and nothing else."""
    out.write(json.dumps(document, ensure_ascii=False, indent=2))

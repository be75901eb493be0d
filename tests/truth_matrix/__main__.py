"""Draw docs/what-pages-say.md: ``python -m tests.truth_matrix``."""

from pathlib import Path

from tests.truth_matrix.document import render

if __name__ == "__main__":
    path = Path(__file__).resolve().parents[2] / "docs" / "what-pages-say.md"
    path.write_text(render(), encoding="utf-8")

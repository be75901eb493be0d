"""The tools around mutmut: what is mutated, what changed, which survivors may live."""

import ast
import importlib
import json
import subprocess
from pathlib import Path

import libcst as cst
import pytest

from tests.mutants import changes
from tests.mutants.changes import changed_functions
from tests.mutants.judged import judged, remember
from tests.mutants.kinds import Kinds, breaks_what_follows
from tests.mutants.rules import is_for_people, is_left_alone
from tests.mutants.run import Mutant, outcome_by_function
from tests.mutants.survivors import Survivor, explained, survivor
from tests.mutants.workspace import unfold_atomic

DIFF = """# saga.claims.x_take__mutmut_3: survived
--- saga/claims.py
+++ saga/claims.py
@@ -1,2 +1,2 @@
 def take():
-    rows.filter(pk=pk, fence=fence)
+    rows.filter(pk=pk)
"""


@pytest.mark.parametrize("call", ["transaction.atomic", "transaction.atomic(a=False)"])
def test_a_function_in_one_transaction_becomes_a_with(call: str) -> None:
    source = f'@{call}\ndef pay(x: int) -> int:\n    """Say."""\n    return x\n'

    function = ast.parse(unfold_atomic(source)).body[0]

    assert isinstance(function, ast.FunctionDef)
    assert function.decorator_list == []
    assert ast.get_docstring(function) == "Say."
    block = function.body[1]
    assert isinstance(block, ast.With)
    context = call if call.endswith(")") else f"{call}()"
    assert ast.unparse(block.items[0]) == context
    assert ast.unparse(block.body[0]) == "return x"


def test_other_decorators_stay() -> None:
    source = "@property\ndef pay(self) -> int:\n    return 1\n"

    assert unfold_atomic(source) == source


@pytest.mark.parametrize(
    ("code", "left_alone"),
    [
        ('logger.warning("%s waits", saga)', True),
        ('gettext("%(sku)s is gone")', True),
        ("rows.select_related('item')", True),
        ("rows.select_for_update()", False),
        ("rows.filter(status='open')", False),
        ("warn(staff)", False),
    ],
)
def test_what_is_written_for_people_is_left_alone(code: str, left_alone: bool) -> None:
    assert is_left_alone(cst.parse_expression(code)) is left_alone


def test_a_message_is_left_alone_and_other_names_are_not() -> None:
    module = cst.parse_module('message = f"{sku} is gone"\nstate = "gone"\n')
    first, second = (
        line.body[0]
        for line in module.body
        if isinstance(line, cst.SimpleStatementLine)
    )

    assert is_left_alone(first) is True
    assert is_left_alone(second) is False


@pytest.mark.parametrize(
    ("code", "for_people"),
    [
        ("Abort(message, reason)", [True, False]),
        ("Retry(message, limitless=True)", [True, False]),
        ('super().__init__(f"{sku} is gone", reference)', [True, False]),
        ('register("gone", reference)', [False, False]),
        ("atomic(savepoint=False)", [True]),
        ("send(message=text)", [False]),
    ],
)
def test_of_an_error_all_but_its_message_is_changed(
    code: str, for_people: list[bool]
) -> None:
    call = cst.parse_expression(code)

    assert isinstance(call, cst.Call)
    assert [is_for_people(call, each) for each in call.args] == for_people


@pytest.mark.parametrize(
    ("after", "breaks"),
    [
        ("rows.filter(pk=None, state='open')", True),
        ("rows.filter(pk=pk, state='XXopenXX')", True),
        ("rows.filter(pk=pk)", False),
        ("rows.exclude(pk=pk, state='open')", False),
    ],
)
def test_what_breaks_the_code_is_told_from_what_changes_it(
    after: str, breaks: bool
) -> None:
    assert breaks_what_follows("rows.filter(pk=pk, state='open')", after) is breaks


def test_the_kind_of_a_mutant_is_read_from_what_mutmut_wrote(tmp_path: Path) -> None:
    code = "x = 1\n\ndef a(): return x > 1\n\ndef b(): return x >= 1\n\ndef c(): None\n"
    (tmp_path / "m.py").write_text(code)
    spans = {
        "x_a__mutmut_orig": [3, 3],
        "x_a__mutmut_1": [5, 5],
        "x_a__mutmut_2": [7, 7],
    }
    (tmp_path / "m.py.spans").write_text(json.dumps({"spans": spans}))

    kinds = Kinds(tmp_path)

    assert kinds.is_obvious("room.m.x_a__mutmut_1", "m.py") is False
    assert kinds.is_obvious("room.m.x_a__mutmut_2", "m.py") is True


def test_a_survivor_is_known_by_its_change() -> None:
    found = survivor("saga.claims.x_take__mutmut_3", DIFF)

    assert found == Survivor(
        "saga.claims.take",
        "- rows.filter(pk=pk, fence=fence)\n+ rows.filter(pk=pk)",
    )
    assert survivor("saga.a.xǁClaimǁtake__mutmut_1", "").function == "saga.a.Claim.take"


MODULE = """X = 1


def a():
    return 1


def untouched():
    return 2


class B:
    def c(self):
        return 3
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, whose room is ``room/``."""
    monkeypatch.setattr(changes, "ROOT", tmp_path)
    module = tmp_path / "room" / "m.py"
    module.parent.mkdir()
    module.write_text(MODULE)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        [*identity, "commit", "--quiet", "--message", "x"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S607
    return tmp_path


def test_changed_lines_name_their_functions(repository: Path) -> None:
    changed = MODULE.replace("X = 1", "X = 9").replace("return 1", "return 9")
    changed = changed.replace("        return 3", "        y = 3\n        return y")
    (repository / "room" / "m.py").write_text(changed)
    (repository / "other.py").write_text(MODULE)

    assert changed_functions("HEAD", ["room"]) == {
        "room.m.x_a__mutmut_*",
        "room.m.xǁBǁc__mutmut_*",
    }


def test_nothing_changed_names_nothing(repository: Path) -> None:
    assert (repository / "room").is_dir()
    assert changed_functions("HEAD", ["room"]) == set()


def test_explained_survivors_name_functions_that_exist() -> None:
    for each, why in explained().items():
        assert why.strip()
        module, _, name = each.function.rpartition(".")
        try:
            owner = importlib.import_module(module)
        except ModuleNotFoundError:
            module, _, class_name = module.rpartition(".")
            owner = getattr(importlib.import_module(module), class_name)
        assert hasattr(owner, name), each.function


def test_what_was_judged_is_kept_until_its_function_changes(tmp_path: Path) -> None:
    file = tmp_path / "judged.txt"
    remember({"a.x_f": ("1", True), "a.x_g": ("1", False)}, file)
    assert judged(file) == {"a.x_f": "1"}

    remember({"a.x_g": ("2", True)}, file)
    remember({"a.x_f": ("2", False)}, file)
    assert judged(file) == {"a.x_f": "1", "a.x_g": "2"}

    remember({"a.x_f": ("1", False)}, file)
    assert judged(file) == {"a.x_g": "2"}


def test_a_function_is_judged_when_each_of_its_mutants_may_be_forgotten() -> None:
    lives = Survivor("a.f", "+ 1")
    mutants = [
        *(Mutant("a.x_noticed", "1", has_run=True, survivor=None) for _ in range(2)),
        Mutant("a.x_explained", "2", has_run=True, survivor=lives),
        Mutant("a.x_survived", "3", has_run=True, survivor=None),
        Mutant("a.x_survived", "3", has_run=True, survivor=Survivor("a.g", "+ 2")),
        Mutant("a.x_not_run", "4", has_run=True, survivor=None),
        Mutant("a.x_not_run", "4", has_run=False, survivor=None),
    ]

    assert outcome_by_function(mutants, {lives}) == {
        "a.x_noticed": ("1", True),
        "a.x_explained": ("2", True),
        "a.x_survived": ("3", False),
    }

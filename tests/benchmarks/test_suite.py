import pytest

from benchmarks import suite


def test_a_module_that_fails_is_named_and_the_exit_code_says_so(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert suite.main(["no_such_module"]) == 1
    printed, errors = capfd.readouterr()
    assert "benchmarks.no_such_module failed" in printed
    assert "ModuleNotFoundError" in errors


def test_every_module_that_takes_part_says_what_it_measures() -> None:
    assert {"compare", "sweep", "staff_list"} <= set(suite.present())

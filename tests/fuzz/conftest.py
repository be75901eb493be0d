"""One shop for the short turn of the fuzz."""

from tests.support.stacks import live_stack_fixture

live_stack_processes = live_stack_fixture("fuzz")

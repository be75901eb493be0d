"""The predefined groups: what they may do, now and after a new version."""

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User

from backoffice import permissions, roles
from backoffice.models import GivenPermission
from backoffice.roles import GROUPS, make_groups
from tests.support.commands import call

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NEW = permissions.FREE_HOLD
TAKEN = permissions.SHIP_ORDER
ADDED = permissions.REFUND


def operator() -> Group:
    return Group.objects.get(name="Operator")


def held_by(group: Group) -> set[str]:
    rows = group.permissions.values_list("content_type__app_label", "codename")
    return {".".join(row) for row in rows}


def change(group: Group, *, take: str = "", add: str = "") -> None:
    """Take a permission away or give one, as an administrator does by hand."""
    if take:
        group.permissions.remove(*roles._permissions([take]))
    if add:
        group.permissions.add(*roles._permissions([add]))


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the groups by a version that did not have ``NEW`` yet."""
    with monkeypatch.context() as version:
        before = {
            name: [one for one in wanted if one != NEW]
            for name, wanted in GROUPS.items()
        }
        version.setattr(roles, "GROUPS", before)
        make_groups()
    assert NEW not in held_by(operator())


def test_predefined_groups_have_the_permissions_they_need() -> None:
    call("staff_groups")
    names = set(Group.objects.values_list("name", flat=True))
    assert names == set(GROUPS)
    user = User.objects.create_user("miru", is_staff=True)
    user.groups.set([Group.objects.get(name="Viewer")])
    assert user.has_perm("backoffice.view_stalledorder")
    assert not user.has_perm("backoffice.resume_stalledorder")
    other = User.objects.create_user("sousa", is_staff=True)
    other.groups.set([Group.objects.get(name="Operator")])
    assert all(other.has_perm(name) for name in GROUPS["Operator"])


def test_a_group_that_was_changed_is_left_alone_unless_reset() -> None:
    call("staff_groups")
    viewers = Group.objects.get(name="Viewer")
    viewers.permissions.clear()
    call("staff_groups")
    assert viewers.permissions.count() == 0
    call("staff_groups", "--reset")
    assert viewers.permissions.count() == len(GROUPS["Viewer"])


def test_a_new_version_gives_existing_groups_what_it_adds_once(older: None) -> None:
    change(operator(), take=TAKEN, add=ADDED)

    out = call("staff_groups")

    assert out == f"group Operator may do more: {NEW}\n"
    assert held_by(operator()) == {*GROUPS["Operator"], ADDED} - {TAKEN}
    assert call("staff_groups") == ""
    change(operator(), take=NEW)
    assert call("staff_groups") == ""
    assert NEW not in held_by(operator()), "it was taken away by hand"


def test_a_reset_gives_the_original_permissions_and_no_others(older: None) -> None:
    change(operator(), take=TAKEN, add=ADDED)

    call("staff_groups", "--reset")

    assert held_by(operator()) == set(GROUPS["Operator"])
    change(operator(), take=TAKEN)
    assert call("staff_groups") == ""
    assert TAKEN not in held_by(operator())


def test_a_deleted_group_is_made_again_with_all_its_permissions() -> None:
    make_groups()
    operator().delete()
    assert not GivenPermission.objects.filter(group__name="Operator").exists()

    assert [change.group for change in make_groups()] == ["Operator"]

    assert held_by(operator()) == set(GROUPS["Operator"])


def test_groups_of_before_it_was_remembered_keep_what_was_taken_from_them() -> None:
    """The migration takes the first version's permissions for given."""
    make_groups()
    GivenPermission.objects.all().delete()
    change(operator(), take=TAKEN, add=ADDED)
    change(operator(), take=NEW)
    name = "backoffice.migrations.0002_remember_given_permissions"

    importlib.import_module(name).remember(apps, None)
    make_groups()

    assert held_by(operator()) == {*GROUPS["Operator"], ADDED} - {TAKEN}


def test_a_group_of_the_shops_own_is_left_alone() -> None:
    own = Group.objects.create(name="Our own")
    make_groups()
    assert not own.permissions.exists()

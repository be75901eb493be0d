"""The predefined groups: what they may do, now and after a new version."""

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.test import Client

from backoffice import permissions, roles
from backoffice.models import GivenPermission
from backoffice.roles import GROUPS, make_groups
from tests.support.catalogue import make_product
from tests.support.commands import call
from tests.support.staff import make_order, make_payment

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


# What may be done -> the groups that may. Whoever adds a group decides each line.
TABLE: dict[str, set[str]] = {
    "orders.view_order": {"Viewer", "Operator", "Refunder", "Shopkeeper"},
    "orders.refund": {"Refunder"},
    "orders.ship_order": {"Operator"},
    "orders.correct_order": {"Operator"},
    "orders.decide_cancellation": {"Operator", "Refunder"},
    "orders.handle_return": {"Operator", "Refunder"},
    "backoffice.view_stalledorder": {"Viewer", "Operator", "Refunder"},
    "backoffice.resume_stalledorder": {"Operator"},
    "backoffice.view_salesreport": {"Accountant"},
    "backoffice.export_accounts": {"Accountant"},
    "checkout.pause_checkout": {"Operator"},
    "customers.view_customer": {"Viewer", "Operator", "Refunder"},
    "checkout.manage_waiting_rooms": {"Operator", "Shopkeeper"},
    "inventory.view_stockitem": {"Viewer", "Operator", "Refunder", "Shopkeeper"},
    "inventory.change_stockitem": {"Operator"},
    "catalogue.change_product": {"Shopkeeper"},
    "pages.add_pageversion": {"Shopkeeper"},
    "profile.change_shopprofile": {"Shopkeeper"},
    "catalogue.change_variant": {"Shopkeeper"},
    "catalogue.add_picture": {"Shopkeeper"},
    "catalogue.delete_category": {"Shopkeeper"},
    "checkout.change_shippingmethod": {"Shopkeeper"},
    "checkout.change_shippingrate": {"Shopkeeper"},
    "checkout.change_workingcalendar": {"Shopkeeper"},
    "outgoing.change_endpoint": {"Integrator"},
    "outgoing.view_endpoint": {"Integrator"},
    "events.retry_delivery": {"Operator", "Integrator"},
    "auth.change_user": set(),
}


@pytest.mark.parametrize("permission", TABLE)
def test_each_group_may_what_the_table_says(permission: str) -> None:
    may = {name for name, given in GROUPS.items() if permission in given}
    assert may == TABLE[permission]
    assert roles._permissions([permission])


def test_a_shopkeeper_edits_goods_and_shipping_and_refunds_nothing(
    client: Client,
) -> None:
    call("staff_groups")
    keeper = User.objects.create_user("tencho", is_staff=True)
    keeper.groups.set([Group.objects.get(name="Shopkeeper")])
    client.force_login(keeper)
    order = make_order()
    make_payment(order)
    product = make_product()
    pages = {
        f"/admin/catalogue/product/{product.pk}/change/": 200,
        "/admin/catalogue/product/add/": 200,
        "/admin/checkout/shippingmethod/add/": 200,
        "/admin/checkout/shippingzone/add/": 200,
        "/admin/checkout/workingcalendar/": 200,
        f"/admin/orders/order/{order.pk}/change/": 200,
        f"/admin/orders/order/{order.pk}/refund/": 403,
        f"/admin/orders/order/{order.pk}/ship/": 403,
        f"/admin/orders/order/{order.pk}/cancel/": 403,
        "/admin/backoffice/ordertoship/": 403,
        "/admin/backoffice/salesreport/": 403,
        "/admin/auth/user/": 403,
        "/admin/inventory/stockitem/receive/": 403,
    }
    assert {page: client.get(page).status_code for page in pages} == pages
    form = client.get(f"/admin/catalogue/product/{product.pk}/change/")
    assert 'name="variants-0-price_minor"' in form.content.decode()


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

"""The shop's settings, with the kill points."""

from shop import settings as product

globals().update(
    {name: value for name, value in vars(product).items() if name.isupper()}
)

# Last, so that the checkout is defined by the time its steps are given kill points.
INSTALLED_APPS = [*product.INSTALLED_APPS, "tests.chaos.kill_points"]
if product.WAREHOUSE_IS_SANDBOX:
    INSTALLED_APPS += ["tests.chaos.warehouse"]
PAYMENT_GATEWAY = "tests.chaos.kill_points.gateway.DeadlyGateway"

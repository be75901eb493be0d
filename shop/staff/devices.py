"""Devices from which members of staff have signed in before (shop/web/devices.py)."""

from shop.web.devices import Devices

DEVICES = Devices("staff_device", "/admin/", "shop.staff.devices")
known_device = DEVICES.known
remember_device = DEVICES.remember

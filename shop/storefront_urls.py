"""The addresses of the pages to which mails lead: goods, pages of the shop, orders.

The whole table of workers and sweepers, which show no page (docs/adr/0044).
"""

from django.urls import include, path

urlpatterns = [
    path("", include("shop.catalogue.urls")),
    path("", include("shop.pages.urls")),
    path("", include("checkout.urls")),
]

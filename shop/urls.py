"""All addresses of the shop."""

from django.contrib import admin
from django.urls import include, path

from shop.health import livez, readyz

handler500 = "shop.failure.server_error"

urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", include("shop.staff.urls")),  # first: it has the sign-in
    path("admin/", admin.site.urls),
    path("", include("shop.catalogue.urls")),
    path("", include("checkout.urls")),
]

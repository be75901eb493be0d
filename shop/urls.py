"""All addresses of the shop, except those of shop/health/addresses.py."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from shop.metrics.csp_reports import csp_report
from shop.web.csrf import accept_own_pages
from shop.web.search_engines import robots

handler400 = "shop.web.failure.bad_request"
handler500 = "shop.web.failure.server_error"

urlpatterns = [
    path("robots.txt", robots, name="robots"),
    path("csp-report/", csp_report, name="csp_report"),
    path("i18n/setlang/", accept_own_pages(set_language), name="set_language"),
    path("admin/", include("shop.staff.urls")),  # first: it has the sign-in
    path("admin/first-steps/", include("backoffice.admin.first_steps.urls")),
    path("admin/search/", include("backoffice.admin.search.urls")),
    path("admin/", admin.site.urls),
    path("account/", include("shop.customers.urls")),
    path("graphql/", include("api.urls")),
    path("", include("shop.storefront_urls")),
]

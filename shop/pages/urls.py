"""Addresses of the pages that staff write."""

from django.urls import path

from shop.pages import views
from shop.pages.feed import feed
from shop.pages.sitemap import sitemap

app_name = "pages"
urlpatterns = [
    path("pages/<slug:slug>/", views.page, name="page"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("new.atom", feed, name="feed"),
    path("site.webmanifest", views.manifest, name="manifest"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("icon.svg", views.icon_svg, name="icon_svg"),
    path("icon-<int:size>.png", views.icon, name="icon"),
]

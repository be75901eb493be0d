"""Addresses of the catalogue's pages."""

from django.urls import path

from shop.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("", views.home, name="home"),
    path("goods/", views.goods, name="goods"),
    path("search/", views.search, name="search"),
    path("c/<slug:slug>/", views.category, name="category"),
    path("p/<slug:slug>/", views.product, name="product"),
    path("media/<path:name>", views.picture, name="picture"),
]

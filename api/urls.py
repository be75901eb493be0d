"""The address of the API."""

from django.urls import path

from api import views

app_name = "api"
urlpatterns = [
    path("", views.graphql, name="graphql"),
    # An address of its own, so that a proxy can treat open connections as such.
    path("stream/", views.stream, name="stream"),
]

"""The addresses of the API."""

from django.urls import path

from api import views
from api.staff.views import staff_graphql

app_name = "api"
urlpatterns = [
    path("", views.graphql, name="graphql"),
    # An address of its own, so that a proxy can treat open connections as such.
    path("stream/", views.stream, name="stream"),
    path("staff/", staff_graphql, name="staff"),
]

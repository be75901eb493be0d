"""The address of the API."""

from django.urls import path

from api import views

app_name = "api"
urlpatterns = [path("", views.graphql, name="graphql")]

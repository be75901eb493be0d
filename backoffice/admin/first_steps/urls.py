"""The address of the first steps. They belong to no model."""

from django.contrib import admin
from django.urls import path

from backoffice.admin.first_steps.views import show

urlpatterns = [path("", admin.site.admin_view(show), name="first_steps")]

"""The address of the search. It belongs to no model, thus to no ModelAdmin."""

from django.contrib import admin
from django.urls import path

from backoffice.admin.search.views import show

urlpatterns = [path("", admin.site.admin_view(show), name="staff_search")]

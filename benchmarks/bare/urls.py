"""The pages of the bare application, and its list as JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

from benchmarks.bare.models import Product


def product_list(request: HttpRequest) -> HttpResponse:
    """Show 24 products with their prices: two queries."""
    found = Product.objects.filter(is_active=True).order_by("position", "pk")
    products = found.prefetch_related("variants")[:24]
    return render(request, "bare/list.html", {"products": products})


def product_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one product: one query."""
    product = get_object_or_404(Product, slug=slug)
    return render(request, "bare/detail.html", {"product": product})


def product_json(_request: HttpRequest) -> HttpResponse:
    """Answer with 24 products and their lowest prices: two queries."""
    found = Product.objects.filter(is_active=True).order_by("position", "pk")
    products = [
        {
            "slug": product.slug,
            "name": product.name_en,
            "price": min(each.price_minor for each in product.variants.all()),
        }
        for product in found.prefetch_related("variants")[:24]
    ]
    return JsonResponse({"products": products})


urlpatterns = [
    path("", product_list),
    path("products.json", product_json),
    path("p/<slug:slug>/", product_detail),
]

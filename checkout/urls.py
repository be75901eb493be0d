"""Addresses of the way from the cart to the completed order."""

from django.urls import path

from checkout import webhooks
from checkout.views import cart, confirmation, information, live, shortage

app_name = "checkout"
urlpatterns = [
    path("cart/", cart.show, name="cart"),
    path("cart/add/", cart.add, name="cart_add"),
    path("cart/restore/", cart.restore, name="cart_restore"),
    path("cart/<int:line>/", cart.update, name="cart_update"),
    path("cart/<int:line>/remove/", cart.remove, name="cart_remove"),
    path("checkout/information/", information.information, name="information"),
    path("checkout/confirmation/", confirmation.confirmation, name="confirmation"),
    path("orders/<uuid:uid>/", live.show, name="order"),
    path("orders/<uuid:uid>/progress/", live.progress, name="order_progress"),
    path("orders/<uuid:uid>/stream/", live.stream, name="order_stream"),
    path("orders/<uuid:uid>/card/", live.another_card, name="order_card"),
    path("orders/<uuid:uid>/return/", live.returned, name="order_return"),
    path("orders/<uuid:uid>/again/", live.again, name="order_again"),
    path("missing/<str:token>/", shortage.choose, name="shortage"),
    path("webhooks/stripe/", webhooks.stripe_webhook, name="stripe_webhook"),
]

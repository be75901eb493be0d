"""Addresses of the way from the cart to the completed order."""

from django.urls import path

from checkout.aftersales.cancellations import views as cancellations
from checkout.aftersales.returns import views as returns
from checkout.aftersales.shortages import views as shortages
from checkout.aftersales.warehouse import views as warehouse
from checkout.cart import coupons, information_views, waiting_views
from checkout.cart import views as cart
from checkout.contact import views as contact
from checkout.my_page import address_views as addresses
from checkout.my_page import guest_views as guests
from checkout.my_page import views as my_page
from checkout.paper import views as paper
from checkout.placement import views as placement
from checkout.restock import views as restock
from checkout.tracking import views as tracking
from checkout.webhooks import views as webhooks

app_name = "checkout"
urlpatterns = [
    path("cart/", cart.show, name="cart"),
    path("cart/add/", cart.add, name="cart_add"),
    path("cart/restore/", cart.restore, name="cart_restore"),
    path("cart/coupon/", coupons.apply, name="coupon"),
    path("cart/coupon/remove/", coupons.remove, name="coupon_remove"),
    path("cart/<int:line>/", cart.update, name="cart_update"),
    path("cart/<int:line>/remove/", cart.remove, name="cart_remove"),
    path("contact/", contact.contact, name="contact"),
    path("restock/", restock.ask, name="restock"),
    path("restock/stop/<str:token>/", restock.stop, name="restock_stop"),
    path("checkout/line/", waiting_views.waiting_room, name="waiting_room"),
    path("checkout/information/", information_views.information, name="information"),
    path(
        "checkout/information/email/",
        information_views.correct_email,
        name="information_email",
    ),
    path("checkout/confirmation/", placement.confirmation, name="confirmation"),
    path("orders/<uuid:uid>/", tracking.show, name="order"),
    path("orders/<uuid:uid>/progress/", tracking.progress, name="order_progress"),
    path("orders/<uuid:uid>/stream/", tracking.stream, name="order_stream"),
    path("orders/<uuid:uid>/card/", tracking.another_card, name="order_card"),
    path("orders/<uuid:uid>/pay/", tracking.pay, name="order_pay"),
    path("orders/<uuid:uid>/return/", tracking.returned, name="order_return"),
    path("orders/<uuid:uid>/again/", tracking.again, name="order_again"),
    path("orders/<uuid:uid>/cancel/", cancellations.cancel, name="order_cancel"),
    path("orders/<uuid:uid>/returns/", returns.return_items, name="order_returns"),
    path(
        "orders/<uuid:uid>/returns/<int:pk>/withdraw/",
        returns.withdraw_return,
        name="return_withdraw",
    ),
    path("orders/<uuid:uid>/papers/", paper.papers, name="papers"),
    path("orders/<uuid:uid>/papers/issue/", paper.issue_paper, name="paper_issue"),
    path("orders/<uuid:uid>/papers/copy/", paper.copy_paper, name="paper_copy"),
    path("orders/<uuid:uid>/papers/<int:pk>/", paper.paper, name="paper"),
    path("orders/<uuid:uid>/papers/<int:pk>.pdf", paper.paper_pdf, name="paper_pdf"),
    path("account/", my_page.show, name="my_page"),
    path("account/data/", my_page.export, name="my_data"),
    path("account/delete/", my_page.delete, name="my_deletion"),
    path("account/addresses/", addresses.show, name="my_addresses"),
    path("account/addresses/new/", addresses.add, name="my_address_new"),
    path("account/addresses/<int:pk>/", addresses.change, name="my_address"),
    path(
        "account/addresses/<int:pk>/remove/",
        addresses.remove,
        name="my_address_remove",
    ),
    path(
        "account/addresses/<int:pk>/first/",
        addresses.suggest,
        name="my_address_first",
    ),
    path("account/look-up/", guests.look_up, name="look_up"),
    path("account/look-up/<str:token>/", guests.open_link, name="look_up_link"),
    path(
        "account/from-order/<uuid:uid>/",
        guests.account_from_order,
        name="account_from_order",
    ),
    path("missing/<str:token>/", shortages.choose, name="shortage"),
    path("webhooks/warehouse/", warehouse.report, name="warehouse_report"),
    path("webhooks/stripe/", webhooks.stripe_webhook, name="stripe_webhook"),
]

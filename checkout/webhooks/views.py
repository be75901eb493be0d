"""The endpoint of the provider's webhooks: verify, store, answer."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from checkout.payments.gateway import WebhookRefused, get_gateway
from checkout.webhooks import problems
from checkout.webhooks import services as webhooks


@csrf_exempt  # signed by the provider instead
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    signature = request.headers.get("Stripe-Signature", "")
    try:
        notice = get_gateway().read_notice(request.body, signature)
    except WebhookRefused as error:
        problems.count(type(error).__name__, str(error))
        return HttpResponse(str(error), status=400, content_type="text/plain")
    webhooks.store(notice)
    return HttpResponse(status=200)

"""Step 2, local: put the goods of the stopped shipment back into stock."""

from checkout.aftersales.cancellations.claimed_cancellation import cancellation_of
from checkout.aftersales.cancellations.stop_shipment import LINK
from checkout.aftersales.shortages.services import put_back
from checkout.flow.policies import LEASE, RETRY
from checkout.status.names import RETURN_GOODS
from orders import transitions
from orders.models import OrderEvent
from orders.parcels import by_sku, parcel
from saga.step import Context, Kind, Step


def put_goods_back(context: Context) -> dict[str, dict[str, int]]:
    """Book the goods back; the output is SKU -> units."""
    cancellation = cancellation_of(context)
    order, actor = cancellation.order, cancellation.decided_by
    units = by_sku(parcel(order))
    put_back(order, actor)
    transitions.record_event(
        order.pk,
        OrderEvent.Name.SHIPMENT_CALLED_OFF,
        actor=actor,
        reason=cancellation.note or cancellation.reason,
    )
    return {"units": units}


STEP = Step(
    RETURN_GOODS,
    link=LINK,
    kind=Kind.LOCAL,
    do=put_goods_back,
    retry=RETRY,
    lease=LEASE,
)

"""The tables of the flows, each in its own package."""

from flows.daily_close.models import DailyClose
from flows.erasure.models import ErasureRequest
from flows.price_campaign.models import CampaignPrice, PriceCampaign
from flows.product_import.models import ImportLine, ProductImport
from flows.stock_take.models import StockCount, StockTake

__all__ = [
    "CampaignPrice",
    "DailyClose",
    "ErasureRequest",
    "ImportLine",
    "PriceCampaign",
    "ProductImport",
    "StockCount",
    "StockTake",
]

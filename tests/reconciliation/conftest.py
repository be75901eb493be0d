"""The clock and the provider in memory of the checkout's tests."""

from tests.checkout.conftest import clock, gateway

__all__ = ["clock", "gateway"]

"""Staff correct the recipient of an order, and tracking numbers."""

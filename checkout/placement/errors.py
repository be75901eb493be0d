"""Why an order was not placed, and what the customer can do."""


class CartEmpty(Exception):
    """There is nothing to order; go back to the catalogue."""


class InformationMissing(Exception):
    """Contact and address are not known yet; go back to the information page."""


class QuoteChanged(Exception):
    """A price or the stock changed since the customer saw it; show it again."""

"""What the shop's rows say as events: the sources of orders and of the stock."""

"""The sales of each day, product and tax rate, added up from events as they come."""

"""Data of shipping labels, as the carriers' programs import it."""

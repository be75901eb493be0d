"""Is the shop alive, and ready to serve? For machines that ask."""

"""A timed price campaign: sale prices of many products, set and undone as one."""

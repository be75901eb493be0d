"""The shop's processes: what each is, its queues and its pool."""

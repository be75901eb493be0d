"""A saga as it is often written: three tasks, a row with a state, Celery's defaults.

It has no claim, no fence and no sweeper: a killed worker loses an order, and a doubled
message charges twice. It shows what durability costs; do not use it.
"""

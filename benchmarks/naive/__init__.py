"""What an ordinary developer writes: three tasks, a state row, Celery's defaults.

No claim, no fence, no sweeper: a killed worker loses an order, a doubled message
charges twice. It is here to show what durability costs, not to be used.
"""

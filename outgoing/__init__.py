"""What other systems hear of: outgoing webhooks, and the bridge to a broker.

Both are consumers of events (events/consumers.py) that call the outside. Knows no shop.
"""

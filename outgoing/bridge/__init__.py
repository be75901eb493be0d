"""The bridge: every event goes on to a broker that other systems listen to.

Redis Streams, or AMQP 0-9-1 such as RabbitMQ (EVENTS_BRIDGE_URL).
"""

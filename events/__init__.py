"""What happened in the shop, as a stream: collected, kept, and delivered to consumers.

Knows no shop. Tables whose rows become events are *sources*; functions that are to hear
of events are *consumers*. Both are registered when the application starts.
"""

"""Spans of a trace: what took how long, from the click to the provider's answer.

``spans`` is what the rooms use; it costs nothing while traces are off. ``exporter``
sends them by OTLP, and is imported only where that is set up
(docs/operations/traces.md).
"""

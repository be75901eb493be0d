"""What the processes log: lines that can be found by request and by order.

``context`` knows what a line is about, ``privacy`` covers what no line may hold,
``lines`` writes it as text or as JSON (docs/operations/logs.md, docs/adr/0085).
"""

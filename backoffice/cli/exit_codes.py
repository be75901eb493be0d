"""Exit codes of the commands; docs/operations/README.md lists them."""

# Something was refused, does not agree, or is not explained.
REFUSED = 1
# The command was wrong: nothing was done.
WRONG = 2
# A bulk resume ended because an order failed again.
REPEATED = 3
# Stripe did not answer: what was done before that is kept.
BROKEN_OFF = 3
# No clear answer yet: the canary, or a refund, is still under way.
UNDECIDED = 4

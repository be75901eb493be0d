"""A customer's deletion request: collect, wait, erase, certify."""

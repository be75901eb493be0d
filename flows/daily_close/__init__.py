"""Close a day: its figures for accounting, compared with the provider's account."""

"""Small operational flows: sagas of the shop's staff, one package each."""

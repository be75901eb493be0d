"""Resume many stopped sagas: one algorithm, run by a command or by the sweepers."""

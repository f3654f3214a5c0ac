"""Pure: what a run changes in the exceptions, and who hears of it."""

"""What the force recorded: the contract of the record sets, and read-only queries cast to it."""

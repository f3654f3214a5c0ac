"""What stands behind the commands: decisions, lists, stories, samples, rules and notices, as lines for a terminal."""

"""Pure judgement: records in, verdicts out. No database, file, clock or network."""

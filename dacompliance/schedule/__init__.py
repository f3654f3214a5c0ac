"""When jobs run and what becomes of them: slots, one at a time or by the clock, signs of life, the operator told."""

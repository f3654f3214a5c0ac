"""A second judge, written from the meaning of the words alone: one row at a time, and no library but Python's own.

It shares the rule's model with the real judge and nothing else: no clock, no fact, no condition, no column of numbers. It is as
slow as it is plain. `tests/generative` holds the two to each other, cell by cell.
"""

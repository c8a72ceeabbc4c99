"""The measurements of `make bench`.

scratch      the database they run in, made once and used again
clock        what one piece of work costs: wall, processor, statements
availability, calendar, search, today    each: the product's way, and the best plain SQL for the same
races        many clients after the same day
report       tables and verdicts
"""

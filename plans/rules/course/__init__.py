"""Times for every visit of a course at once: no database, no clock, only days, bits and whole numbers.

The way through:

    table = days.table(visit, supply, ...)       what one kind of visit can have, day by day
    found = solve.solve(asks, tables, wishes)    the best course, exactly (docs/adr/0008-course-search.md)
    relax.smallest(asks, tables, wishes, ...)    what would have to give way where not everything fits
"""

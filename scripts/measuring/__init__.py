"""The measurements of `make bench`.

scratch      the database they run in, made once and used again
written      the notes in it: charts of 30 and 300, and drafts of 2 and 20 points
clock        what one piece of work costs: wall, processor, statements
availability, calendar, search, today, chart, note, points
             each: the product's way, and the best plain SQL for the same (chart_sql: that of the chart)
races        many clients after the same day
report       tables and verdicts
"""

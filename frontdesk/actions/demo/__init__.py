"""The demo clinic: invented people, real rules. Everything in it follows from a seed and a moment.

loading     which clinic is loaded when, and the mark that says it is a demo
accounts    who signs in, with the one password of the demo
places      locations, hours, rooms, prices
staff       practitioners with their licenses, hours and absences
people      patients and households
planning    one visit: found free, given its story, kept as a plan
rows        plans made rows
weeks       the days around: what has been, what is booked
living      the day of loading, minute by minute
catching    what happened since: days between, and room for a new living day
courses     who has come for what in the weeks before
complaints  what acupuncturists write, complaint by complaint
adjustments what chiropractors write
telling     a note as a state
notes       notes made rows
histories   what patients have, take and signed
texts       which words for patients the clinic has read
today       what is written on the living day itself
scores      measures answered at visits and at home
packages    what was sold ahead, who pays, what insurers approved
charts      all of that together, with boxes of needles, reactions and contact notes
closed      a restricted chart, opened with a reason
large       the clinic of the measurements, loaded by COPY
bulk        tables without indexes and references while many rows are copied
"""

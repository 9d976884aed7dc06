"""How long a test waits where something is to come: longer than the busiest machine takes, and no test waits so long.

Only where nothing is to come may a test be impatient, since it will see nothing however long that takes.
"""

PATIENT = 60.0
IMPATIENT = 0.3

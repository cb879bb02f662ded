"""When a module is due for each student, and what being late costs."""

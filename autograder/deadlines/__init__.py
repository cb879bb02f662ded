"""Until when a module is due for whom, and what being late costs."""

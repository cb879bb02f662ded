"""A course of one's own: started from the template, brought up to date with it, extended by modules."""

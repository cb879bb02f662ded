"""What people read: the feedback page of a student, and the report on a class."""

"""What leaves after grading: scores for other systems, feedback for students."""

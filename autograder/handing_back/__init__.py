"""What leaves when work is graded: scores for other systems, feedback for students."""

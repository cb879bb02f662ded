"""What leaves for students before they work: source notebooks in one form, the release, the kit."""

"""What students get before they work: tidy source notebooks, the release, the kit."""

"""Travel times: one engine for rides, trips from door to door, and drives."""

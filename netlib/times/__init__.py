"""Travel times: the one engine of all readings."""

"""OneCloud API v1: its paths, field names and envelopes, exactly as clients know them."""

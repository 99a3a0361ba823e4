"""OAuth2: API applications, token families, and what a token allows."""

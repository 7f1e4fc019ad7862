"""Who is calling: tokens, scopes, and the development issuer of the embedded shape."""

"""Is it allowed, how much, what follows: pure functions on frozen values."""

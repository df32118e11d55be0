"""Pages of the person who got the letter."""

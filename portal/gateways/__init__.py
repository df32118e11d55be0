"""What do we say to the outside world."""

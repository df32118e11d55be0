"""What does the person see and send."""

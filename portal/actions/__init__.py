"""What happens when someone does it: one function per verb, inside one transaction."""

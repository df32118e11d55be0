"""Sample data and the Stripe stand-in; only the command line and the tests know this package."""

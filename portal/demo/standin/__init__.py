"""The Stripe stand-in: who plays Stripe for the demo and the tests, over its wire protocol, in a process of its own?"""

from portal.demo.standin.accounts import Account
from portal.demo.standin.server import StandIn

__all__ = ["Account", "StandIn"]

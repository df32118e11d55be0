"""What comes in from the payment provider (S5 writes this)."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("webhooks", __name__)

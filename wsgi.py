"""The WSGI entry for gunicorn: `gunicorn wsgi:app`."""

import os

from portal.app import create_app
from portal.settings import from_environment

app = create_app(from_environment(os.environ))

"""Kulanz: a portal through which a firm settles open invoices with its customers itself."""

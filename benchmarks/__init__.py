"""How fast is the portal, next to the least that such a page could cost?"""

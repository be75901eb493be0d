"""The least that Django can do: a page of 24 products, and one of a product.

No middleware but one, no context processors, no languages; the same server and tables.
"""

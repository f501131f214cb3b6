"""Deployed functions, invoked until they have done what is wanted of them."""

"""Sample messages, written for a recipient as their service gets them."""

"""Configuration: network settings, declared once for every part that takes them."""

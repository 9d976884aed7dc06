"""What is configured: network settings, declared once for everything that takes them."""

"""Wrap, issue, transfer and verify electronic bills of lading of the TradeTrust kind."""

__version__ = "0.1.0"

"""The only code that opens sockets. It implements the protocols of `ebl.sources`; applications import it, checks never do."""

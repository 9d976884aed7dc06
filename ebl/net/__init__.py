"""The only code that opens sockets. It implements the protocols of `ebl.model.ports`; doors import it, checks never."""

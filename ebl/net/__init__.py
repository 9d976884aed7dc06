"""The only code that opens sockets. It implements the protocols of `ebl.model.ports`; checks never import it."""

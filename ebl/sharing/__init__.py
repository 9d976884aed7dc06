"""Documents on their way: encrypted, as links, by their content ids."""

"""Read-only tools for assistants: `ebl.mcp.tools`, and a server of them by the Model Context Protocol: `ebl.mcp.server`."""

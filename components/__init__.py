"""Show and do: pages, routes and the command line over one set of actions."""

"""Pages: what is where, and which action a control calls. Decides nothing and remembers nothing."""

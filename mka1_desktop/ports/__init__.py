"""What the core needs from the world: protocols, no code."""

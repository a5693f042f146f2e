"""Values and spaces ⇄ wire messages."""
